import { type LedgerCall, resetPeriods } from '../ledger/budget-ledger.ts'
import { type BudgetRow, periodSettingsOf } from '../ledger/budget-row.ts'
import { periodBounds } from './budget-period.ts'

/** Begins the period that is in force at `at` for budgets whose own is over. Whoever comes first begins it, once. */
export async function beginPeriods(call: LedgerCall, over: readonly BudgetRow[], at: Date): Promise<void> {
  await resetPeriods(
    call,
    over.map((row) => ({ budgetId: row.budget_id, period: periodBounds(periodSettingsOf(row), at) })),
  )
}
