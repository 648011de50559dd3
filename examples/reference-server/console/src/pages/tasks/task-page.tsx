import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { api, dataOf } from '../../api/api.ts'
import type { TaskView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { Facts } from '../../components/facts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Permitted } from '../../components/permitted.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import { useAct } from '../../components/use-act.ts'
import { TaskCost } from './task-cost.tsx'
import { TaskEvidence } from './task-evidence.tsx'
import styles from './task-page.module.css'
import { TaskReviews } from './task-reviews.tsx'
import { TaskTimeline } from './task-timeline.tsx'

/** One task: how it stands, and what happened to it, as it happens. */
export function TaskPage() {
  const { id } = useParams({ from: '/signed-in/tasks/$id' })
  const task = useQuery({
    queryKey: ['task', id],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/tasks/{id}', { params: { path: { id } }, signal })),
  })
  return (
    <Page
      title={task.data?.title ?? id}
      about={<Link to="/tasks">All tasks</Link>}
      actions={task.data !== undefined && <CancelButton task={task.data} />}
    >
      <Loaded query={task}>
        {(data) => (
          <>
            <Panel title="State">
              <TaskFacts task={data} />
            </Panel>
            <div className={styles.halves}>
              <Panel title="Timeline">
                <TaskTimeline taskId={id} />
              </Panel>
              <div className={styles.side}>
                <TaskCost task={data} />
                <Permitted permission="review:vote">
                  <TaskReviews taskId={id} />
                </Permitted>
                <TaskEvidence task={data} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function TaskFacts({ task }: { readonly task: TaskView }) {
  return (
    <Facts
      facts={[
        [
          'State',
          <span key="state">
            <StateBadge state={task.status} /> {task.status_reason}
          </span>,
        ],
        ['Id', <code key="id">{task.id}</code>],
        ['Project', task.project_id],
        ['Kind', task.kind],
        [
          'Belongs to',
          task.parent_id === null ? (
            '—'
          ) : (
            <Link key="parent" to="/tasks/$id" params={{ id: task.parent_id }}>
              {task.parent_id}
            </Link>
          ),
        ],
        ['Created', <Ago key="created" at={task.created_at} />],
        ['Changed', <Ago key="changed" at={task.updated_at} />],
        ['By', <code key="by">{task.created_by ?? '—'}</code>],
      ]}
    />
  )
}

const FINAL: readonly string[] = ['completed', 'failed', 'cancelled']

function CancelButton({ task: { id, status, title } }: { readonly task: TaskView }) {
  const cancel = useAct({
    name: 'Cancel the task',
    run: () => dataOf(api.POST('/api/v1/tasks/{id}/cancel', { params: { path: { id } } })),
    done: () => 'The task is cancelled',
    touches: ['task', 'tasks', 'stats'],
  })
  if (FINAL.includes(status)) return null
  return (
    <Permitted permission="task:cancel">
      <ConfirmButton
        label="Cancel task"
        kind="danger"
        title="Cancel this task?"
        onConfirm={() => cancel.mutateAsync()}
      >
        <p>“{title}” ends for good, with its parts. What was spent on it stays spent.</p>
      </ConfirmButton>
    </Permitted>
  )
}
