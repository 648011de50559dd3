import { randomUUID } from 'node:crypto'
import type { ApiError } from '@nats-io/jetstream'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { translateFailure } from './jetstream-failure.ts'
import {
  isNoResponders,
  type PublicationOptions,
  type PublicationSession,
  prepareMessage,
} from './jetstream-publication.ts'

/** What a stream answers to the last message of a batch. */
interface BatchAnswer {
  readonly error?: ApiError
  readonly stream: string
  /** Of the last message. */
  readonly seq: number
  readonly count?: number
}

/**
 * Stores messages of one stream together, all or none, so that they share the server's flushes of the disk
 * (architecture decision 50 of NATS, nats-server 2.12). Undefined: the server refused, and none is stored. One message
 * that was stored before is enough for that.
 * @throws MessagingError `BROKER_UNAVAILABLE`; TimeError. They may be stored all the same.
 */
export async function storeBatch(
  session: PublicationSession,
  messages: readonly OutgoingMessage[],
  options: PublicationOptions,
): Promise<readonly Receipt[] | undefined> {
  const batchId = randomUUID()
  const batch = messages.map((message, index) => {
    const prepared = prepareMessage(session, message)
    prepared.headers.append('Nats-Batch-Id', batchId)
    prepared.headers.append('Nats-Batch-Sequence', String(index + 1))
    return prepared
  })
  const last = batch.at(-1)
  if (last === undefined) return []
  last.headers.append('Nats-Batch-Commit', '1')
  try {
    const answer = await session.replies.ask({ ...last, ...options, precededBy: batch.slice(0, -1) })
    if (isNoResponders(answer)) return undefined
    const { error, stream, seq, count } = answer.json<BatchAnswer>()
    if (error !== undefined) return undefined
    if (count !== messages.length) throw new Error('the server does not know batches')
    // A batch is stored without gaps.
    return messages.map((_one, index) => ({
      stream,
      sequence: String(BigInt(seq - count + 1 + index)),
      isDuplicate: false,
    }))
  } catch (error) {
    throw translateFailure(error, { subject: last.subject, messages: messages.length })
  }
}
