/** A call that asks for budget. */
export interface BudgetQuestion {
  readonly requestId: string
  readonly tenantId: string
  readonly projectId: string
  readonly taskId: string
  readonly agentId: string
  readonly tokens: number
}

/** What the agent runtime asks of a budget. Each call may be repeated without effect. */
export interface BudgetGate {
  /** Whether the tokens are held for the call. */
  request(question: BudgetQuestion): Promise<boolean>
  /** Charges what the call used; null where that is not known. */
  commit(use: {
    readonly tenantId: string
    readonly requestId: string
    readonly totalTokens: number | null
  }): Promise<void>
  /** Gives the hold of a call back that was certainly not billed. */
  release(call: { readonly tenantId: string; readonly requestId: string }): Promise<void>
}
