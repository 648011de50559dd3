import { withDeadline } from '@golden-arch/core/time'
import { GroupCommit } from '../../group-commit.ts'
import { messageBytes } from '../../message-bytes.ts'
import type { OutgoingMessage, Receipt } from '../../ports/message-broker.ts'
import { matchesSubject } from '../../streams/subject-pattern.ts'
import type { PublicationOptions } from './jetstream-publication.ts'

/** How messages are stored. */
export interface BatchStore {
  /** All or none; undefined: refused, and none is stored. */
  readonly together: (messages: readonly OutgoingMessage[]) => Promise<readonly Receipt[] | undefined>
  readonly alone: (message: OutgoingMessage) => Promise<Receipt>
}

interface Entry {
  readonly message: OutgoingMessage
  /** Its caller waits no more, so there is no need to send it. */
  isGivenUp: boolean
}

type Outcome = { readonly receipt: Receipt } | { readonly error: unknown }

interface BatchedStream {
  readonly subjects: readonly string[]
  readonly group: GroupCommit<Entry, Outcome>
}

/** The server takes up to 1000. */
const MAX_BATCH_LENGTH = 256
/** 16 MiB: what the client must hold of one batch, beside the message that alone has more. */
const MAX_BATCH_BYTES = 16_777_216
const GIVEN_UP: Outcome = Object.freeze({ error: new Error('given up before it was sent') })

/**
 * Stores what is published while a batch is under way as the next batch of its stream. One publication alone waits for
 * nobody and goes by itself. A batch that the server refuses is published one by one, so that each message has its own
 * answer: stored, stored before, or why not.
 */
export class BatchedPublications {
  readonly #store: BatchStore
  readonly #streams = new Map<string, BatchedStream>()

  constructor(store: BatchStore) {
    this.#store = store
  }

  /** From now on messages of these subjects, all of them the stream's own, go in batches. */
  accept(stream: string, subjects: readonly string[]): void {
    const group =
      this.#streams.get(stream)?.group ??
      new GroupCommit((entries: readonly Entry[]) => this.#storeGroup(entries), {
        maxBatchLength: MAX_BATCH_LENGTH,
        size: { maxBatchBytes: MAX_BATCH_BYTES, bytesOf: ({ message }) => messageBytes(message) },
      })
    this.#streams.set(stream, { subjects, group })
  }

  /**
   * Resolves once the message is stored; undefined where its stream takes no batches.
   * @throws TimeError; whatever the store throws.
   */
  publish(message: OutgoingMessage, options: PublicationOptions): Promise<Receipt> | undefined {
    for (const { subjects, group } of this.#streams.values()) {
      if (subjects.some((pattern) => matchesSubject(pattern, message.subject))) {
        return this.#add(group, message, options)
      }
    }
    return undefined
  }

  async #add(
    group: GroupCommit<Entry, Outcome>,
    message: OutgoingMessage,
    { timeoutMs, clock, signal }: PublicationOptions,
  ): Promise<Receipt> {
    const entry: Entry = { message, isGivenUp: false }
    const deadline = { timeoutMs, clock, signal }
    try {
      const outcome = await withDeadline(deadline, () => group.add(entry))
      if ('error' in outcome) throw outcome.error
      return outcome.receipt
    } finally {
      entry.isGivenUp = true
    }
  }

  async #storeGroup(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const sent = entries.filter(({ isGivenUp }) => !isGivenUp)
    const outcomes = await this.#storeAll(sent.map(({ message }) => message))
    const found = new Map(sent.map((entry, index) => [entry, outcomes[index]]))
    return entries.map((entry) => found.get(entry) ?? GIVEN_UP)
  }

  async #storeAll(messages: readonly OutgoingMessage[]): Promise<readonly Outcome[]> {
    const receipts = messages.length > 1 ? await this.#store.together(messages) : undefined
    if (receipts !== undefined) return receipts.map((receipt) => ({ receipt }))
    return Promise.all(
      messages.map((message) =>
        this.#store.alone(message).then(
          (receipt) => ({ receipt }),
          (error: unknown) => ({ error }),
        ),
      ),
    )
  }
}
