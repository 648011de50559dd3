import type { BudgetLevel, BudgetScope } from './budget-scope.ts'

/** A budget's limit and counters at one instant, in tokens. */
export interface BudgetState {
  readonly scope: BudgetScope
  readonly level: BudgetLevel
  readonly limitTokens: number
  /** Committed since the budget was created. */
  readonly usedTokens: number
  /** Held now, including holds that are due to expire and not yet swept. */
  readonly reservedTokens: number
  /** Limit less used and reserved; negative where the budget is overdrawn. */
  readonly availableTokens: number
}

/** What changed by setting a limit. */
export interface LimitChange {
  readonly state: BudgetState
  /** The limit before; undefined where the budget was created. */
  readonly previousLimitTokens: number | undefined
}

/** A counter of a budget that its ledger does not bear out. */
export interface LedgerDifference {
  readonly scope: BudgetScope
  readonly counter: 'limit' | 'used' | 'reserved' | 'held reservations'
  /** As the budget's row says. */
  readonly counted: bigint
  /** As rebuilt from the movements, or from the reservations that are held. */
  readonly rebuilt: bigint
}

/** The outcome of rebuilding counters from the ledger. */
export interface LedgerVerification {
  readonly isConsistent: boolean
  readonly checkedBudgets: number
  /** At most 100 of them. */
  readonly differences: readonly LedgerDifference[]
}
