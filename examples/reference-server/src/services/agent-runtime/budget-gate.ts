import type { DeniedDecision, ModelUsage } from '@golden-arch/budget'

/** A call that asks for budget. */
export interface BudgetQuestion {
  readonly requestId: string
  readonly tenantId: string
  readonly projectId: string
  readonly taskId: string
  readonly agentId: string
  /** At most what the call can use: its input and all the output that it may have. */
  readonly tokens: number
  /** What price tables call the model, and the output's part of `tokens`. Absent: the call has no price. */
  readonly priced?: { readonly model: string; readonly maxOutputTokens: number }
  /** Milliseconds after which the hold may be given back. Default: the budget's. */
  readonly ttlMs?: number
}

/**
 * What becomes of a request. `lapsed`: its hold was given before, to a run that has ended, and is no longer there; the
 * call was not made, and needs a request of another id.
 */
export type BudgetAnswer = 'held' | BudgetDenial | 'lapsed'

/** Which budget has no room for a call, and of what. */
export type BudgetDenial = Pick<DeniedDecision, 'level' | 'unit'>

/** What the agent runtime asks of a budget. Each call may be repeated without effect. */
export interface BudgetGate {
  /** Holds the tokens for the call, if there is room. */
  request(question: BudgetQuestion): Promise<BudgetAnswer>
  /** Charges what the call used; null where that is not known. */
  commit(use: {
    readonly tenantId: string
    readonly requestId: string
    readonly totalTokens: number | null
    /** The same in parts, by which a price is told. Absent: not known. */
    readonly usage?: ModelUsage
  }): Promise<void>
  /** Gives the hold of a call back that was certainly not billed. */
  release(call: { readonly tenantId: string; readonly requestId: string }): Promise<void>
}
