import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { BudgetTree } from './budget-tree.tsx'

const MAX_PROJECTS = 100

/** What calls to models may cost, from projects down to tasks and agents. */
export function BudgetsPage() {
  const projects = useQuery({
    queryKey: ['budgets', 'projects'],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/budget/children', { params: { query: { limit: MAX_PROJECTS } }, signal })),
  })
  return (
    <Page
      title="Budgets"
      about="What calls to models may use. A call must have room in each budget that it belongs to; open a project for those of its tasks and agents."
    >
      <Panel title="Projects">
        <Loaded query={projects}>
          {({ budgets }) =>
            budgets.length === 0 ? (
              <EmptyState title="No project has a budget yet">
                One is made with the first task of a project, or by <code>PUT /api/v1/budget/limits</code>.
              </EmptyState>
            ) : (
              <BudgetTree projects={budgets} />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  )
}
