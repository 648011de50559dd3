import { type BudgetController, BudgetError } from '@golden-arch/budget'
import type { BudgetAnswer, BudgetGate, BudgetQuestion } from './budget-gate.ts'

/** The budget of an agent's calls, kept by a {@link BudgetController}. */
export function tokenBudgetGate(budgets: BudgetController): BudgetGate {
  return {
    request: (question) => request(budgets, question),
    commit: async ({ tenantId, requestId, totalTokens }) => {
      await budgets.commit({ tenantId, requestId, usage: totalTokens === null ? 'unknown' : { totalTokens } })
    },
    release: async (call) => {
      await budgets.release(call)
    },
  }
}

async function request(budgets: BudgetController, question: BudgetQuestion): Promise<BudgetAnswer> {
  try {
    const decision = await budgets.requestTokens(question)
    if (decision.status === 'denied') return 'denied'
    return decision.reservation.status === 'held' ? 'held' : 'lapsed'
  } catch (error) {
    if (!isConflict(error)) throw error
    // The run before held for this call with another prompt, as after an upgrade, and ended before it was made.
    await budgets.release({ tenantId: question.tenantId, requestId: question.requestId })
    return 'lapsed'
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof BudgetError && error.code === 'REQUEST_CONFLICT'
}
