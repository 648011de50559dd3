import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, dataOf } from '../../api/api.ts'
import type { StatsView } from '../../api/views.ts'
import { Tokens } from '../../components/amounts.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { useSession } from '../../session/use-session.ts'
import type { Place } from '../../shell/places.ts'
import styles from './overview-page.module.css'

/** The figures of now, each leading to its page. */
export function StandingNow() {
  const stats = useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => dataOf(api.GET('/stats', { signal })),
  })
  return (
    <Loaded query={stats}>
      {(now) => (
        <section aria-label="Now" className={styles.tiles}>
          <Tile
            to="/tasks"
            name="tasks at work"
            count={sumOf(now, ['submitted', 'planning', 'executing', 'reviewing'])}
          />
          <Tile to="/tasks" name="tasks that wait" count={sumOf(now, ['waiting', 'escalated'])} tone="warn" />
          <Tile to="/tasks" name="completed" count={sumOf(now, ['completed'])} />
          <Tile to="/tasks" name="failed" count={sumOf(now, ['failed'])} tone="bad" />
          <Tile
            to="/escalations"
            permission="escalation:resolve"
            name="open escalations"
            count={now.escalations.open}
            tone="warn"
          />
          <Tile
            to="/dead-letters"
            permission="dlq:read"
            name="dead letters"
            count={now.dlq.unresolved}
            tone="bad"
          />
          <Tile to="/breakers" name="open breakers" count={now.breakers.open} tone="bad" />
          <Link to="/budgets" className={styles.tile ?? ''}>
            <span className={styles.figure}>
              <Tokens count={now.budgets.used} />
            </span>
            <span className={styles.tileName}>tokens used</span>
          </Link>
        </section>
      )}
    </Loaded>
  )
}

interface TileProps {
  readonly to: Place['to']
  /** What one must be allowed to go there. Default nothing beyond being here. */
  readonly permission?: string
  readonly name: string
  readonly count: number
  /** How it is to be taken where it is not zero. */
  readonly tone?: 'warn' | 'bad'
}

function Tile({ to, permission, name, count, tone }: TileProps) {
  const who = useSession()
  const content = (
    <>
      <span className={styles.figure} data-tone={count > 0 ? tone : undefined}>
        {count}
      </span>
      <span className={styles.tileName}>{name}</span>
    </>
  )
  if (permission !== undefined && !who?.permissions.has(permission)) {
    return <div className={styles.tile}>{content}</div>
  }
  return (
    <Link to={to} className={styles.tile ?? ''}>
      {content}
    </Link>
  )
}

function sumOf({ tasks }: StatsView, statuses: readonly string[]): number {
  return statuses.reduce((sum, status) => sum + (tasks.by_status[status] ?? 0), 0)
}
