import { isGoldenError } from '@golden-arch/core/errors'
import type { MessageBroker, StoredMessage } from '../ports/message-broker.ts'
import type { DeadLetterSource } from './dead-letter.ts'

/**
 * The message in the place that a dead letter came from; undefined where there is none any more, or no such stream: what is
 * known of the failure is kept all the same, and asking again would never end.
 * @throws whatever `findStored` of the broker throws otherwise.
 */
export async function sourceMessage(
  broker: Pick<MessageBroker, 'findStored'>,
  { stream, sequence }: Pick<DeadLetterSource, 'stream' | 'sequence'>,
): Promise<StoredMessage | undefined> {
  try {
    return await broker.findStored({ stream, sequence })
  } catch (error) {
    if (isGoldenError(error, 'STREAM_NOT_FOUND') || isGoldenError(error, 'INVALID_OPTION')) return undefined
    throw error
  }
}
