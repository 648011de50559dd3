import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, dataOf } from '../../api/api.ts'
import type { AgentView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { useAct } from '../../components/use-act.ts'

const MAX_AGENTS = 200

/** Who works, on what, and whether it still says so. */
export function AgentsPage() {
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/agents', { params: { query: { limit: MAX_AGENTS } }, signal })),
  })
  return (
    <Page
      title="Agents"
      about="Who does the work. A disabled agent gets none, and what it had goes to others."
    >
      <Panel title="Agents">
        <Loaded query={agents}>
          {({ agents: rows }) => (
            <DataTable
              label="Agents"
              columns={[
                { name: 'Agent', cell: ({ id }: AgentView) => <code>{id}</code> },
                { name: 'Role', cell: ({ role }) => role },
                { name: 'State', cell: ({ status }) => <StateBadge state={status} /> },
                { name: 'Task', cell: ({ current_task_id: id }) => <TaskLink id={id} /> },
                { name: 'Model', cell: ({ model }) => model ?? '—' },
                { name: 'Last heard', cell: ({ heartbeat_at: at }) => <Ago at={at} />, isNumber: true },
                {
                  name: 'Actions',
                  isNameHidden: true,
                  isNumber: true,
                  cell: (agent) => <AgentSwitch agent={agent} />,
                },
              ]}
              rows={rows}
              keyOf={({ id }) => id}
              empty={
                <EmptyState title="No agent has come yet">
                  Agents appear when a server with the role <code>agent-runtime</code> starts.
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  )
}

function TaskLink({ id }: { readonly id: string | null }) {
  if (id === null) return '—'
  return (
    <Link to="/tasks/$id" params={{ id }}>
      {id}
    </Link>
  )
}

function AgentSwitch({ agent: { id, status } }: { readonly agent: AgentView }) {
  const isDisabled = status === 'disabled'
  const params = { params: { path: { id } } }
  const change = useAct({
    name: isDisabled ? 'Enable the agent' : 'Disable the agent',
    run: () =>
      dataOf(
        isDisabled
          ? api.POST('/api/v1/agents/{id}/enable', params)
          : api.POST('/api/v1/agents/{id}/disable', params),
      ),
    done: () => (isDisabled ? `${id} works again` : `${id} gets no more work`),
    touches: ['agents'],
  })
  return (
    <Permitted permission="agent:manage">
      <ConfirmButton
        label={isDisabled ? 'Enable' : 'Disable'}
        kind={isDisabled ? 'plain' : 'danger'}
        title={isDisabled ? `Let ${id} work again?` : `Disable ${id}?`}
        onConfirm={() => change.mutateAsync()}
      >
        <p>
          {isDisabled
            ? 'It takes steps again at once.'
            : 'It gets no more work; what it does now is taken from it.'}
        </p>
      </ConfirmButton>
    </Permitted>
  )
}
