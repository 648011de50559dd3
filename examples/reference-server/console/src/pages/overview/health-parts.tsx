import { useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateBadge } from '../../components/state-badge.tsx'
import styles from './overview-page.module.css'

/** The server and the parts that it needs. */
export function HealthParts() {
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => dataOf(api.GET('/health', { signal })),
  })
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
