import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { AgentView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Choice } from '../../components/choice.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import type { DataColumn } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Page } from '../../components/page.tsx'
import { PagedTable } from '../../components/paged-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { useAct } from '../../components/use-act.ts'
import { type ListPage, usePages } from '../../components/use-pages.ts'

const PAGE_LENGTH = 50
const ANY = 'any'
const ROLES: readonly AgentView['role'][] = ['security', 'architect', 'developer', 'reviewer', 'tester']
const OPTIONS = [{ id: ANY, name: 'any role' }, ...ROLES.map((id) => ({ id, name: id }))]

interface AgentListPage extends ListPage {
  readonly agents: readonly AgentView[]
}

const COLUMNS: readonly DataColumn<AgentView>[] = [
  { name: 'Agent', cell: ({ id }) => <code>{id}</code> },
  { name: 'Role', cell: ({ role }) => role },
  { name: 'State', cell: ({ status }) => <StateBadge state={status} /> },
  { name: 'Task', cell: ({ current_task_id: id }) => <TaskLink id={id} /> },
  { name: 'Model', cell: ({ model }) => model ?? '—' },
  { name: 'Last heard', cell: ({ heartbeat_at: at }) => <Ago at={at} />, isNumber: true },
  { name: 'Actions', isNameHidden: true, isNumber: true, cell: (agent) => <AgentSwitch agent={agent} /> },
]

/** Who works, on what, and whether it still says so. */
export function AgentsPage() {
  const [role, setRole] = useState<AgentView['role']>()
  const agents = usePages<AgentListPage>(['agents', role], ({ at, signal }) =>
    dataOf(
      api.GET('/api/v1/agents', {
        params: { query: { ...at, limit: PAGE_LENGTH, ...(role === undefined ? {} : { role }) } },
        signal,
      }),
    ),
  )
  return (
    <Page
      title="Agents"
      about="Who does the work. A disabled agent gets none, and what it had goes to others."
      actions={
        <Choice
          label="Role"
          options={OPTIONS}
          chosen={role ?? ANY}
          onChoose={(id) => setRole(ROLES.find((one) => one === id))}
        />
      }
    >
      <Panel title="Agents">
        <PagedTable
          label="Agents"
          pages={agents}
          rowsOf={(page) => page.agents}
          columns={COLUMNS}
          keyOf={({ id }) => id}
          empty={
            <EmptyState title="No agent has come yet">
              Agents appear when a server with the role <code>agent-runtime</code> takes the first task.
            </EmptyState>
          }
        />
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
