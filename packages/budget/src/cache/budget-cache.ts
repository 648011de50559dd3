import type { KeyValueStore } from '@golden-arch/core/storage'
import { withDeadline } from '@golden-arch/core/time'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import type { BudgetScope } from '../budget-scope.ts'
import type { BudgetRow } from '../ledger/budget-row.ts'
import type { ReservationRow } from '../ledger/reservation-row.ts'
import { readReservationText, writeReservationText } from './reservation-text.ts'

const STATE_TTL_MS = 10_000
const FINAL_TTL_MS = 300_000
/** After a failure the cache is left alone for this long, so that a slow one costs little. */
const REST_MS = 1_000
const MAX_WRITES_UNDER_WAY = 256
/** Stores take keys up to this length; what would need a longer one is not kept. */
const MAX_KEY_LENGTH = 1024
/** Those that a state is told by. */
const STATE_COLUMNS = [
  ...([
    'task_id',
    'agent_id',
    'limit_tokens',
    'used_tokens',
    'reserved_tokens',
    'currency',
    'limit_micros',
  ] as const),
  ...(['used_micros', 'reserved_micros', 'period_kind', 'period_starts_at', 'period_ends_at'] as const),
  'soft_limit_percents',
] as const

/**
 * What a key-value store remembers of budgets: states that may be 10 seconds old, and answers that can never change.
 * Nothing is decided by it. It never throws and never takes longer than its time limit.
 */
export class BudgetCache {
  readonly #options: ResolvedBudgetControllerOptions
  #restsUntilMs = Number.NEGATIVE_INFINITY
  #writesUnderWay = 0

  constructor(options: ResolvedBudgetControllerOptions) {
    this.#options = options
  }

  /** The row of a project's budget as it was at most 10 seconds ago. */
  async getState(scope: BudgetScope): Promise<BudgetRow | undefined> {
    const key = this.#stateKey(scope)
    if (key === undefined) return undefined
    return this.#get(key, (text) => {
      // Safe where it is of this scope and whole: putState alone writes such rows; anything else counts as absent.
      const row = JSON.parse(text) as Partial<BudgetRow> | null
      if (row?.tenant_id !== scope.tenantId || row.project_id !== scope.projectId) return undefined
      return STATE_COLUMNS.every((column) => row[column] !== undefined) ? (row as BudgetRow) : undefined
    })
  }

  putState(scope: BudgetScope, row: BudgetRow): void {
    const key = this.#stateKey(scope)
    if (key !== undefined) this.#put(key, JSON.stringify(row), STATE_TTL_MS)
  }

  /** Forgets a state, because its limit was changed. */
  async dropState(scope: BudgetScope): Promise<void> {
    const key = this.#stateKey(scope)
    if (key !== undefined && key.length <= MAX_KEY_LENGTH) await this.#ask((store) => store.delete(key))
  }

  /** A reservation that was committed or released. */
  async getFinal(scope: BudgetScope, requestId: string): Promise<ReservationRow | undefined> {
    const row = await this.#get(this.#finalKey(scope, requestId), readReservationText)
    // Whoever can write into the store can put one reservation in the place of another.
    return row?.tenant_id === scope.tenantId && row.request_id === requestId && isFinal(row) ? row : undefined
  }

  putFinal(row: ReservationRow): void {
    if (!isFinal(row)) return
    const scope = { tenantId: row.tenant_id, taskId: row.task_id ?? undefined }
    this.#put(this.#finalKey(scope, row.request_id), writeReservationText(row), FINAL_TTL_MS)
  }

  #stateKey({ tenantId, projectId, taskId, agentId }: BudgetScope): string | undefined {
    if (projectId === undefined || taskId !== undefined || agentId !== undefined) return undefined
    return this.#key('state', tenantId, projectId)
  }

  #finalKey({ tenantId, taskId }: Pick<BudgetScope, 'tenantId' | 'taskId'>, requestId: string): string {
    return this.#key('req', tenantId, taskId ?? '', requestId)
  }

  /** Ids may hold colons; escaped, no two keys are the same. */
  #key(...parts: readonly string[]): string {
    return `${this.#options.cacheKeyPrefix}${parts.map(encodeURIComponent).join(':')}`
  }

  async #get<T>(key: string, read: (text: string) => T | undefined): Promise<T | undefined> {
    if (key.length > MAX_KEY_LENGTH) return undefined
    const text = await this.#ask((store) => store.get(key))
    if (text === undefined) return undefined
    try {
      return read(text)
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'the budget cache holds an unreadable value')
      return undefined
    }
  }

  #put(key: string, text: string, ttlMs: number): void {
    if (this.#writesUnderWay >= MAX_WRITES_UNDER_WAY || key.length > MAX_KEY_LENGTH) return
    this.#writesUnderWay++
    void this.#ask((store) => store.set(key, text, { ttlMs })).finally(() => {
      this.#writesUnderWay--
    })
  }

  async #ask<T>(command: (store: KeyValueStore) => Promise<T>): Promise<T | undefined> {
    const { cache, cacheTimeoutMs, clock, logger } = this.#options
    if (cache === undefined || clock.monotonicMs() < this.#restsUntilMs) return undefined
    try {
      return await withDeadline({ timeoutMs: cacheTimeoutMs, clock }, () => command(cache))
    } catch (error) {
      this.#restsUntilMs = clock.monotonicMs() + REST_MS
      logger.debug({ err: error }, 'the budget cache gave no answer')
      return undefined
    }
  }
}

function isFinal({ status }: ReservationRow): boolean {
  return status !== 'held' && status !== 'expired'
}
