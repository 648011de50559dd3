import type { SqlExecutor } from '@golden-arch/core/storage'
import type { AttemptKey, AttemptStore, Attempts, FailedStart } from '../../ports/attempt-store.ts'
import { type AttemptRow, attemptsOf, storableCode, storableReason } from './attempt-rows.ts'

/** Does not wait for the disk: a server keeps the mark when the process dies. */
const START = [
  'SELECT * FROM message_deliveries_start($1, $2::bigint[])',
  'message_deliveries_start',
] as const

/**
 * Writes the mark before it answers. A database in the process would lose it with the process, and a message that kills
 * its process would never have been started. The function has run to its end, and said otherwise, before its first row.
 */
const COMMITTED_START = [
  `SELECT s.sequence, s.starts, set_config('synchronous_commit', 'on', true)
     FROM message_deliveries_start($1, $2::bigint[]) AS s`,
  'message_deliveries_start_committed',
] as const

/**
 * Counts starts in the delivery's own row of `message_deliveries`: the acknowledgement that removes it forgets them too.
 */
export class DeliveryAttempts implements AttemptStore {
  readonly #database: SqlExecutor
  readonly #start: readonly [text: string, name: string]

  /** `isInProcess`: the database dies with the process whose starts are counted. */
  constructor(database: SqlExecutor, isInProcess = false) {
    this.#database = database
    this.#start = isInProcess ? COMMITTED_START : START
  }

  async read(keys: readonly AttemptKey[]): Promise<readonly Attempts[]> {
    return this.#byConsumer(keys, async (consumer, group) => {
      const { rows } = await this.#database.query<AttemptRow & { readonly sequence: bigint }>(
        'SELECT * FROM message_deliveries_read($1, $2::bigint[])',
        [consumer, sequencesOf(group)],
        { prepareAs: 'message_deliveries_read' },
      )
      const found = new Map(rows.map((row) => [String(row.sequence), row]))
      return group.map(({ sequence }) => attemptsOf(found.get(sequence)))
    })
  }

  async start(keys: readonly AttemptKey[]): Promise<readonly number[]> {
    const [text, prepareAs] = this.#start
    return this.#byConsumer(keys, async (consumer, group) => {
      const { rows } = await this.#database.query<{ sequence: bigint; starts: number }>(
        text,
        [consumer, sequencesOf(group)],
        { prepareAs },
      )
      const found = new Map(rows.map(({ sequence, starts }) => [String(sequence), starts]))
      // One that another process has settled meanwhile has no row any more.
      return group.map(({ sequence }) => found.get(sequence) ?? 1)
    })
  }

  async end(ends: readonly FailedStart[]): Promise<void> {
    await this.#byConsumer(
      ends.map((end) => ({ ...end, consumer: end.key.consumer })),
      async (consumer, group) => {
        await this.#database.query(
          'SELECT message_deliveries_end($1, $2::bigint[], $3::text[], $4::text[], $5::boolean[])',
          [
            consumer,
            group.map(({ key }) => key.sequence),
            group.map(({ reason }) => storableReason(reason)),
            group.map(({ code }) => storableCode(code)),
            group.map(({ isCounted }) => isCounted),
          ],
          { prepareAs: 'message_deliveries_end' },
        )
        return group
      },
    )
  }

  async forget(): Promise<void> {}
  async prune(): Promise<void> {}

  /** Asks for each consumer apart, since a key begins with it; the answers come in the order of `keys`. */
  async #byConsumer<Key extends { readonly consumer: string }, Answer>(
    keys: readonly Key[],
    ask: (consumer: string, group: readonly Key[]) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]> {
    const groups = Map.groupBy(keys, ({ consumer }) => consumer)
    const answers = new Map<Key, Answer>()
    for (const [consumer, group] of groups) {
      const given = await ask(consumer, group)
      // `ask` answers for each key of its group, in order.
      for (const [index, key] of group.entries()) answers.set(key, given[index] as Answer)
    }
    return keys.map((key) => answers.get(key) as Answer) // set above for each of them
  }
}

function sequencesOf(keys: readonly AttemptKey[]): readonly string[] {
  return keys.map(({ sequence }) => sequence)
}
