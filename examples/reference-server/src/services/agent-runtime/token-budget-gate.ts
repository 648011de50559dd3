import { type BudgetController, BudgetError, type BudgetRequest, type PriceTable } from '@golden-arch/budget'
import type { BudgetAnswer, BudgetGate, BudgetQuestion } from './budget-gate.ts'

/**
 * The budget of an agent's calls, kept by a {@link BudgetController}. `prices` is a table of that controller: the models that
 * it knows are held and charged in money too.
 */
export function tokenBudgetGate(budgets: BudgetController, prices?: PriceTable): BudgetGate {
  return {
    request: (question) => request(budgets, question, prices),
    commit: async ({ tenantId, requestId, totalTokens, usage }) => {
      await budgets.commit({
        tenantId,
        requestId,
        usage: usage ?? (totalTokens === null ? 'unknown' : { totalTokens }),
      })
    },
    release: async (call) => {
      await budgets.release(call)
    },
  }
}

async function request(
  budgets: BudgetController,
  question: BudgetQuestion,
  prices: PriceTable | undefined,
): Promise<BudgetAnswer> {
  try {
    const decision = await budgets.requestTokens(tokenRequest(question, prices))
    if (decision.status === 'denied') return decision
    return decision.reservation.status === 'held' ? 'held' : 'lapsed'
  } catch (error) {
    if (!isConflict(error)) throw error
    // The run before held for this call with another prompt or model, as after an upgrade, and ended before it was made.
    await budgets.release({ tenantId: question.tenantId, requestId: question.requestId })
    return 'lapsed'
  }
}

function tokenRequest(question: BudgetQuestion, prices: PriceTable | undefined): BudgetRequest {
  const { tokens, priced, ...address } = question
  const hasPrice = priced !== undefined && (prices?.models.has(priced.model) || prices?.default !== undefined)
  if (!hasPrice) return { ...address, tokens }
  return { ...address, ...priced, inputTokens: tokens - priced.maxOutputTokens }
}

function isConflict(error: unknown): boolean {
  return error instanceof BudgetError && error.code === 'REQUEST_CONFLICT'
}
