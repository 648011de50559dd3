import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { BreakerView } from '../../api/views.ts'
import { Ago } from '../../components/ago.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import styles from './breaker-timeline.module.css'
import { type BreakerChange, stretchesOf } from './stretches.ts'

const SHOWN_MS = 24 * 60 * 60 * 1000
const REFRESH_MS = 10_000
const MAX_TOLD = 10
const TIME = new Intl.DateTimeFormat('en', { timeStyle: 'short' })

/** What a breaker was during the last day, drawn, and its latest changes in words. */
export function BreakerTimeline({ breaker: { name, state } }: { readonly breaker: BreakerView }) {
  const history = useQuery({
    queryKey: ['breakers', 'history', name],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/circuit-breakers/{name}/history', { params: { path: { name } }, signal })),
    refetchInterval: REFRESH_MS,
  })
  return (
    <Loaded query={history}>
      {({ changes }) => (
        <>
          <Drawn changes={changes} state={state} until={history.dataUpdatedAt} />
          <Told changes={changes} />
        </>
      )}
    </Loaded>
  )
}

interface DrawnProps {
  readonly changes: readonly BreakerChange[]
  readonly state: string
  readonly until: number
}

function Drawn({ changes, state, until }: DrawnProps) {
  const from = until - SHOWN_MS
  const stretches = stretchesOf(changes, { from, until, state })
  const notClosed = stretches.filter((stretch) => stretch.state !== 'closed')
  const inWords =
    notClosed.length === 0
      ? 'closed throughout'
      : notClosed.map((stretch) => `${stretch.state} from ${TIME.format(stretch.from)}`).join(', ')
  return (
    <div>
      <div className={styles.track} role="img" aria-label={`The last day: ${inWords}`}>
        {stretches.map((stretch) => (
          <span
            key={stretch.from}
            data-state={stretch.state}
            style={{ flexGrow: stretch.until - stretch.from }}
          />
        ))}
      </div>
      <div className={styles.ends} aria-hidden="true">
        <span>a day ago</span>
        <span>now</span>
      </div>
    </div>
  )
}

function Told({ changes }: { readonly changes: readonly BreakerChange[] }) {
  if (changes.length === 0) return <p className={styles.quiet}>It was never open of late.</p>
  return (
    <details>
      <summary>Its latest changes</summary>
      <ol className={styles.changes}>
        {changes.slice(0, MAX_TOLD).map(({ state, reason, at }) => (
          <li key={at}>
            <StateBadge state={state} /> <Ago at={at} />
            {reason !== null && `: ${reason}`}
          </li>
        ))}
      </ol>
    </details>
  )
}
