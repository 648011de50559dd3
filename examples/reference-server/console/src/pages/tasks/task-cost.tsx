import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { TaskView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Money } from '../../components/amounts.tsx'
import { BudgetBar } from '../../components/budget-bar.tsx'
import { Facts } from '../../components/facts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'

/** What a task has cost, and what it may cost. */
export function TaskCost({ task: { id, project_id: projectId } }: { readonly task: TaskView }) {
  const budget = useQuery({
    queryKey: ['budgets', 'task', projectId, id],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/budget/state', {
          params: { query: { project_id: projectId, task_id: id } },
          signal,
        }),
      ),
  })
  return (
    <Panel title="Cost">
      <Loaded query={budget}>
        {(state) => (
          <>
            <BudgetBar state={state} label="Tokens" />
            <Facts
              facts={[
                ['Spent', <Money key="spent" amount={state.money?.used ?? null} />],
                ['Held', <Money key="held" amount={state.money?.reserved ?? null} />],
                ['At this rate used up', <Ago key="end" at={state.forecast.tokens.exhausts_at} />],
              ]}
            />
          </>
        )}
      </Loaded>
    </Panel>
  )
}
