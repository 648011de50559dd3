import type { SqlDatabase } from '../../../storage/index.ts'
import { type Clock, sleep, withDeadline } from '../../../time/index.ts'
import type { CircuitStoreListener, CircuitSubscription } from '../../ports/circuit-store.ts'
import { type AgreementRow, circuitOfAgreement } from './agreement-row.ts'

/** What a {@link SqlCircuitSubscription} works with. */
export interface SqlCircuitSubscriptionOptions {
  readonly database: SqlDatabase
  readonly clock: Clock
  readonly pollIntervalMs: number
  readonly commandTimeoutMs: number
}

type ChangeRow = { readonly head: bigint } & (
  | ({ readonly position: bigint } & AgreementRow)
  | { readonly position: null }
)

const PAGE_LENGTH = 500

/** Hears of changes by looking for them: they have places without a gap, so what was missed is noticed. */
export class SqlCircuitSubscription implements CircuitSubscription {
  readonly #options: SqlCircuitSubscriptionOptions
  readonly #listener: CircuitStoreListener
  readonly #closing = new AbortController()
  readonly #ended: Promise<void>
  /** The place of the last change heard of; undefined while none are heard. */
  #position: bigint | undefined

  constructor(options: SqlCircuitSubscriptionOptions, listener: CircuitStoreListener) {
    this.#options = options
    this.#listener = listener
    this.#ended = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  async #run(): Promise<void> {
    const { clock, pollIntervalMs } = this.#options
    const { signal } = this.#closing
    while (!signal.aborted) {
      const hasMore = await this.#look().catch(() => this.#lose())
      if (hasMore || signal.aborted) continue
      await sleep(pollIntervalMs, { clock, signal }).catch(() => undefined)
    }
  }

  /** Tells of one page of changes; whether another waits. */
  async #look(): Promise<boolean> {
    const rows = await this.#read(this.#position)
    if (this.#closing.signal.aborted) return false
    const head = rows[0]?.head
    if (head === undefined) throw new TypeError('the head of the changes is missing')
    const known = this.#position
    if (known === undefined) {
      this.#position = head
      this.#listener.subscribed()
      return false
    }
    const changes = rows.filter((row) => row.position !== null)
    if (head === known) return false
    // What was pruned before it was heard, or a table that was emptied: everything is read anew.
    if (changes[0]?.position !== known + 1n) return this.#lose()
    for (const change of changes) {
      this.#position = change.position
      this.#listener.changed(circuitOfAgreement(change))
    }
    return changes.length === PAGE_LENGTH
  }

  #lose(): false {
    if (this.#position !== undefined && !this.#closing.signal.aborted) this.#listener.lost()
    this.#position = undefined
    return false
  }

  async #read(position: bigint | undefined): Promise<readonly ChangeRow[]> {
    const { database, commandTimeoutMs: timeoutMs, clock } = this.#options
    return await withDeadline({ timeoutMs, clock, signal: this.#closing.signal }, async (signal) => {
      const { rows } = await database.query<ChangeRow>(
        `SELECT h.position AS head, c.*
           FROM circuit_change_head h
           LEFT JOIN LATERAL (SELECT * FROM circuit_changes WHERE position > $1::bigint ORDER BY position LIMIT $2::int) c ON true
          ORDER BY c.position`,
        [position ?? null, PAGE_LENGTH],
        { signal },
      )
      return rows
    })
  }
}
