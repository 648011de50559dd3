import { type BudgetController, BudgetError, type BudgetScope } from '@golden-arch/budget'

/** Gives the scope a budget where it has none; the limit of one that is there stays as people have set it. */
export async function ensureBudget(
  budgets: BudgetController,
  scope: BudgetScope,
  limitTokens: number,
  service: string,
): Promise<void> {
  try {
    await budgets.state(scope)
  } catch (error) {
    if (!(error instanceof BudgetError && error.code === 'BUDGET_NOT_FOUND')) throw error
    await budgets.setLimit({ scope, limitTokens, actor: { id: service, kind: 'service' } })
  }
}
