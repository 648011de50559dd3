import { Page } from '../../components/page.tsx'

/** Budgets. */
export function BudgetsPage() {
  return <Page title="Budgets">{null}</Page>
}
