import { api, dataOf } from '../../api/api.ts'
import type { BudgetView } from '../../api/views.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { type ListPage, usePages } from '../../components/use-pages.ts'
import { BudgetTree } from './budget-tree.tsx'

const PAGE_LENGTH = 100

interface BudgetListPage extends ListPage {
  readonly budgets: readonly BudgetView[]
}

/** What calls to models may cost, from projects down to tasks and agents. */
export function BudgetsPage() {
  const projects = usePages<BudgetListPage>(['budgets', 'projects'], ({ at, signal }) =>
    dataOf(api.GET('/api/v1/budget/children', { params: { query: { ...at, limit: PAGE_LENGTH } }, signal })),
  )
  return (
    <Page
      title="Budgets"
      about="What calls to models may use. A call must have room in each budget that it belongs to; open a project for those of its tasks and agents."
    >
      <Panel title="Projects">
        <Loaded query={projects}>
          {({ pages }) => {
            const budgets = pages.flatMap((page) => page.budgets)
            if (budgets.length > 0) return <BudgetTree projects={budgets} />
            return (
              <EmptyState title="No project has a budget yet">
                One is made with the first task of a project, or by <code>PUT /api/v1/budget/limits</code>.
              </EmptyState>
            )
          }}
        </Loaded>
        <MoreButton pages={projects} />
      </Panel>
    </Page>
  )
}
