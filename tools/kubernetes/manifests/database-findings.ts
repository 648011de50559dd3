import { POOL_SIZE } from '../../../examples/reference-server/src/open-database.ts'
import { type Manifest, textAt, textsAt } from './manifest.ts'
import { mostReplicas, workloadsOf } from './workload.ts'

/** What PostgreSQL takes where it is not told. */
const MAX_CONNECTIONS = 100

/** A PostgreSQL in the cluster that takes fewer connections than the services open at the most pods that they may have. */
export function databaseFindings(manifests: readonly Manifest[]): readonly string[] {
  const lasting = workloadsOf(manifests).filter(({ isLasting }) => isLasting)
  const opened = lasting
    .filter(({ containers }) =>
      containers.some((each) => textAt(each, 'image').includes('/reference-server')),
    )
    .reduce((sum, workload) => sum + mostReplicas(workload, manifests) * POOL_SIZE, 0)
  return lasting.flatMap(({ title, containers }) =>
    containers
      .filter((container) => textAt(container, 'image').startsWith('postgres:'))
      .map((container) => /\bmax_connections=(\d+)/.exec(textsAt(container, 'args').join(' '))?.[1])
      .map((told) => Number(told ?? MAX_CONNECTIONS))
      .filter((taken) => taken < opened)
      .map((taken) => `${title}: takes ${taken} connections, and services open ${opened}`),
  )
}
