import { isGoldenError } from '@golden-arch/core/errors'
import { METRICS } from '@golden-arch/core/observability'
import { withDeadline } from '@golden-arch/core/time'
import { callersError } from '../batches/batch-failure.ts'
import type { CallOptions } from '../budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import { type LedgerWork, workOnLedger } from './ledger-work.ts'

/** Refusals that say something of the caller, not of the budget system; they are no errors to alert on. */
const CALLERS_OWN: ReadonlySet<string> = new Set([
  'ABORTED',
  'ADJUSTMENT_CONFLICT',
  'BUDGET_NOT_FOUND',
  'CURRENCY_MISMATCH',
  'REFUND_EXCEEDS_USED',
  'REQUEST_CONFLICT',
  'RESERVATION_NOT_FOUND',
  'RESERVATION_SETTLED',
])

/** Runs calls to the ledger: within their deadline, in a transaction only where one is needed, failures counted. */
export class LedgerCallRunner {
  readonly #options: ResolvedBudgetControllerOptions

  constructor(options: ResolvedBudgetControllerOptions) {
    this.#options = options
  }

  /** @throws TimeError `DEADLINE_EXCEEDED` (retryable), `ABORTED`; whatever `work` throws, as callers are to be told it. */
  async run<T>(operation: string, { signal }: CallOptions, work: LedgerWork<T>): Promise<T> {
    const { clock, outbox, audit, operationTimeoutMs, metrics } = this.#options
    const isTransaction = outbox !== undefined || audit !== undefined
    try {
      return await withDeadline({ timeoutMs: operationTimeoutMs, signal, clock }, (ended) =>
        workOnLedger(this.#options, { isTransaction, signal: ended }, work),
      )
    } catch (error) {
      const told = callersError(error)
      const code = isGoldenError(told) ? told.code : 'UNKNOWN'
      if (!CALLERS_OWN.has(code)) metrics.counter(METRICS.budgetErrors).increment({ operation, code })
      throw told
    }
  }
}
