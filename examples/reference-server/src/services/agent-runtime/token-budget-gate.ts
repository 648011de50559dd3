import type { BudgetController } from '@golden-arch/budget'
import type { BudgetGate } from './budget-gate.ts'

/** The budget of an agent's calls, kept by a {@link BudgetController}. */
export function tokenBudgetGate(budgets: BudgetController): BudgetGate {
  return {
    request: async (question) => (await budgets.requestTokens(question)).status === 'granted',
    commit: async ({ tenantId, requestId, totalTokens }) => {
      await budgets.commit({ tenantId, requestId, usage: totalTokens === null ? 'unknown' : { totalTokens } })
    },
    release: async (call) => {
      await budgets.release(call)
    },
  }
}
