import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import { useTaskEvents } from '../../live/use-task-events.ts'
import styles from './task-page.module.css'
import { timelineEntries } from './timeline-entries.ts'

const CLOCK = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})

/** What happened to a task, the oldest first; what happens now is added as it does. */
export function TaskTimeline({ taskId }: { readonly taskId: string }) {
  const events = useTaskEvents(taskId)
  const work = useQuery({
    queryKey: ['task', taskId, 'work'],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/tasks/{id}/work', { params: { path: { id: taskId } }, signal })),
  })
  const entries = timelineEntries(events, work.data?.calls ?? [])
  if (entries.length === 0) return <p role="status">Waiting for the first event…</p>
  return (
    <ol aria-label="What happened" className={styles.timeline}>
      {entries.map(({ id, at, kind, title, detail, tone }) => (
        <li key={id} className={styles.entry} data-tone={tone}>
          <time className={styles.time} dateTime={at}>
            {CLOCK.format(new Date(at))}
          </time>
          <div className={styles.what}>
            <span className={styles.title}>{title}</span>
            <span className={styles.kind}>{kind}</span>
          </div>
          {detail !== undefined && <p className={styles.detail}>{detail}</p>}
        </li>
      ))}
    </ol>
  )
}
