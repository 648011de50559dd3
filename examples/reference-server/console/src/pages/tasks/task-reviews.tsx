import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, dataOf } from '../../api/api.ts'
import { DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'

/** The rounds in which agents voted on the work. */
export function TaskReviews({ taskId }: { readonly taskId: string }) {
  const reviews = useQuery({
    queryKey: ['reviews', 'task', taskId],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/reviews', { params: { query: { subject_id: taskId } }, signal })),
  })
  return (
    <Panel title="Reviews">
      <Loaded query={reviews}>
        {(page) => (
          <DataTable
            label="Rounds of review"
            columns={[
              {
                name: 'Round',
                cell: ({ id, round }: (typeof page.reviews)[number]) => (
                  <Link to="/reviews/$id" params={{ id }}>
                    {`Round ${round}`}
                  </Link>
                ),
              },
              { name: 'Votes', cell: ({ votes, reviewers }) => `${votes} of ${reviewers}`, isNumber: true },
              {
                name: 'Outcome',
                cell: ({ outcome }) => (
                  <StateBadge state={outcome ?? 'open'} tone={outcome === null ? 'busy' : undefined} />
                ),
              },
            ]}
            rows={page.reviews}
            keyOf={({ id }) => id}
            empty={
              <EmptyState title="Not reviewed yet">
                The agents vote once the solution passes its tests.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Panel>
  )
}
