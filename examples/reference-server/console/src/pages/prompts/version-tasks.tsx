import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, dataOf } from '../../api/api.ts'
import type { paths } from '../../api/schema.d.ts'
import { Ago } from '../../components/ago.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import type { AgentRole } from './agent-role.ts'

type UseView =
  paths['/api/v1/governance/prompts/{role}/versions/{version}/tasks']['get']['responses'][200]['content']['application/json']['tasks'][number]

/** The tasks that a version of a prompt had a part in, and how they stand. */
export function VersionTasks({ role, version }: { readonly role: AgentRole; readonly version: number }) {
  const uses = useQuery({
    queryKey: ['prompts', 'uses', role, version],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/governance/prompts/{role}/versions/{version}/tasks', {
          params: { path: { role, version } },
          signal,
        }),
      ),
  })
  return (
    <Loaded query={uses}>
      {({ tasks, counts }) => (
        <>
          <p>
            {Object.entries(counts)
              .map(([status, count]) => `${status} ${count}`)
              .join(', ')}
          </p>
          <DataTable
            label="Tasks that ran with this version"
            columns={[
              {
                name: 'Task',
                cell: ({ id, title }: UseView) => (
                  <Link to="/tasks/$id" params={{ id }}>
                    {title}
                  </Link>
                ),
              },
              { name: 'State', cell: ({ status }) => <StateBadge state={status} /> },
              { name: 'Why', cell: ({ status_reason: reason }) => reason ?? '—' },
              { name: 'Calls', cell: ({ calls }) => calls, isNumber: true },
              { name: 'Last call', cell: ({ last_call_at: at }) => <Ago at={at} />, isNumber: true },
            ]}
            rows={tasks}
            keyOf={({ id }) => id}
            empty={<EmptyState title="No task">No task has run with this version.</EmptyState>}
          />
        </>
      )}
    </Loaded>
  )
}
