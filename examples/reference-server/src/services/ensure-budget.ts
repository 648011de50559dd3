import type { BudgetController, BudgetScope } from '@golden-arch/budget'

/** Gives the scope a budget where it has none; the limit of one that is there stays as people have set it. */
export async function ensureBudget(
  budgets: BudgetController,
  scope: BudgetScope,
  limitTokens: number,
  service: string,
): Promise<void> {
  const actor = { id: service, kind: 'service' } as const
  await budgets.setLimit({ scope, limitTokens, actor, isOnlyIfAbsent: true })
}
