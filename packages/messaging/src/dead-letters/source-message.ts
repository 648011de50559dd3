import { isGoldenError } from '@golden-arch/core/errors'
import type { MessageBroker, StoredMessage } from '../ports/message-broker.ts'
import type { DeadLetterSource } from './dead-letter.ts'

/**
 * The message in the place that a dead letter came from; null where there is none any more, or no such stream: what is
 * known of the failure is kept all the same, and asking again would never end.
 * @throws whatever `fetchStored` of the broker throws otherwise.
 */
export async function sourceMessage(
  broker: Pick<MessageBroker, 'fetchStored'>,
  { stream, sequence }: Pick<DeadLetterSource, 'stream' | 'sequence'>,
): Promise<StoredMessage | null> {
  try {
    return await broker.fetchStored(stream, sequence)
  } catch (error) {
    if (isGoldenError(error, 'STREAM_NOT_FOUND') || isGoldenError(error, 'INVALID_OPTION')) return null
    throw error
  }
}
