import { isGoldenError } from '@golden-arch/core/errors'
import { BudgetError } from '../budget-error.ts'

/**
 * What to do with a batch that failed: `again` with the same ids, which is safe whether or not it took effect; `split`
 * it, because one of its entries is refused; or `fail` it, because trying again helps nobody.
 */
export type FailureTreatment = 'again' | 'split' | 'fail'

const AGAIN: ReadonlySet<string> = new Set([
  'DATABASE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'SERIALIZATION_FAILURE',
  'DEADLOCK',
  'LOCK_TIMEOUT',
  'UNIQUE_VIOLATION',
])

/** How to treat a failure. Classes 22 (data) and 23 (constraints) of PostgreSQL's codes say that an entry is bad. */
export function treatFailure(error: unknown): FailureTreatment {
  if (!isGoldenError(error)) return 'fail'
  if (AGAIN.has(error.code)) return 'again'
  const { sqlState } = error.details
  return typeof sqlState === 'string' && /^2[23]/.test(sqlState) ? 'split' : 'fail'
}

/** What the callers of a batch get in the end: their own mistake by name, and what can be repeated marked so. */
export function callersError(error: unknown): unknown {
  if (!isGoldenError(error)) return error
  if (error.code === 'OUTCOME_UNKNOWN') {
    return new BudgetError({
      code: 'BUDGET_OUTCOME_UNKNOWN',
      message: 'the connection was lost and the answer with it: ask again with the same ids',
      retryable: true,
      cause: error,
    })
  }
  const { constraint, sqlState } = error.details
  const range = typeof constraint === 'string' ? /^budgets_\w+_(tokens|micros)_range$/.exec(constraint) : null
  if (range === null && sqlState !== '22003') return error
  const isMoney = range?.[1] === 'micros'
  return new BudgetError({
    code: isMoney ? 'MONEY_OUT_OF_RANGE' : 'TOKENS_OUT_OF_RANGE',
    message: `the counters of a budget would pass 2^53 - 1 ${isMoney ? 'micro-units' : 'tokens'}`,
    cause: error,
  })
}
