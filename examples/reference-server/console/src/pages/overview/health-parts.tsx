import { useQuery } from '@tanstack/react-query'
import { failureOf, unreachable } from '../../api/api-failure.ts'
import type { paths } from '../../api/schema.d.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import styles from './overview-page.module.css'

type Health = paths['/health']['get']['responses'][200]['content']['application/json']

/** A server that is unhealthy says so with 503, and with the same body. */
async function healthOf(signal: AbortSignal): Promise<Health> {
  const answer = await fetch('/health', { signal }).catch((error: unknown) => {
    throw signal.aborted ? error : unreachable(error)
  })
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined)
  // By the document of the API a body with components is of this shape, whatever the status.
  if (typeof body === 'object' && body !== null && 'components' in body) return body as Health
  throw await failureOf(answer)
}

/** The server and the parts that it needs. */
export function HealthParts() {
  const health = useQuery({ queryKey: ['health'], queryFn: ({ signal }) => healthOf(signal) })
  return (
    <Panel title="Health">
      <Loaded query={health}>
        {({ status, components }) => (
          <div className={styles.parts}>
            <span>
              server <StateBadge state={status} />
            </span>
            {Object.entries(components).map(([name, state]) => (
              <span key={name}>
                {name} <StateBadge state={state} />
              </span>
            ))}
          </div>
        )}
      </Loaded>
    </Panel>
  )
}
