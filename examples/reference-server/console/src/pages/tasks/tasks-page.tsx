import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Switch } from 'react-aria-components/Switch'
import type { TaskStatus, TaskView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Choice } from '../../components/choice.tsx'
import { type DataColumn, DataTable } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorState } from '../../components/error-state.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { useTasks } from './use-tasks.ts'

const ANY = 'any'
const STATUSES: readonly TaskStatus[] = [
  'submitted',
  'planning',
  'executing',
  'reviewing',
  'waiting',
  'escalated',
  'completed',
  'failed',
  'cancelled',
]
const OPTIONS = [{ id: ANY, name: 'any state' }, ...STATUSES.map((id) => ({ id, name: id }))]

const COLUMNS: readonly DataColumn<TaskView>[] = [
  {
    name: 'Task',
    cell: ({ id, title }) => (
      <Link to="/tasks/$id" params={{ id }}>
        {title}
      </Link>
    ),
  },
  { name: 'Id', cell: ({ id }) => <code>{id}</code> },
  { name: 'State', cell: ({ status }) => <StateBadge state={status} /> },
  { name: 'Why', cell: ({ status_reason: reason }) => reason ?? '—' },
  { name: 'Kind', cell: ({ kind }) => kind },
  { name: 'Changed', cell: ({ updated_at: at }) => <Ago at={at} />, isNumber: true },
]

/** All tasks, by state. */
export function TasksPage() {
  const [status, setStatus] = useState<TaskStatus>()
  const [isWhole, setWhole] = useState(false)
  const tasks = useTasks({ status, isWhole })
  const rows = tasks.data?.pages.flatMap((page) => page.tasks)
  return (
    <Page
      title="Tasks"
      about="What the agents were asked for, the newest first. It follows what happens by itself."
      actions={
        <>
          <Switch isSelected={isWhole} onChange={setWhole}>
            <span aria-hidden="true">{isWhole ? '☑' : '☐'}</span> with parts and remedies
          </Switch>
          <Choice
            label="State"
            options={OPTIONS}
            chosen={status ?? ANY}
            onChoose={(id) => setStatus(STATUSES.find((one) => one === id))}
          />
        </>
      }
    >
      <Panel title={rows === undefined ? 'Tasks' : `${rows.length}${tasks.hasNextPage ? '+' : ''} shown`}>
        {rows === undefined && tasks.error !== null && (
          <ErrorState error={tasks.error} onRetry={() => void tasks.refetch()} />
        )}
        {rows === undefined && tasks.error === null && <p role="status">Loading…</p>}
        {rows !== undefined && (
          <DataTable
            label="Tasks"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ id }) => id}
            empty={
              <EmptyState title="No task is in this state">
                A task comes by <code>POST /api/v1/tasks</code>, and appears here at once.
              </EmptyState>
            }
          />
        )}
        <MoreButton pages={tasks} />
      </Panel>
    </Page>
  )
}
