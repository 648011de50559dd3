import { METRICS } from '@golden-arch/core/observability'
import { repeat } from './keep-running.ts'
import type { ServerContext } from './server-context.ts'

const INTERVAL_MS = 10_000
/** The servers that a process may lean on. */
const SERVERS = ['database', 'redis', 'nats'] as const

/** Keeps the gauges of which roles the process has, and which servers answer it, until the signal fires. */
export async function keepPresenceGauges(
  { health, roles, metrics, logger }: Pick<ServerContext, 'health' | 'roles' | 'metrics' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  const services = metrics.gauge(METRICS.serviceUp)
  const servers = metrics.gauge(METRICS.componentUp)
  for (const service of roles) services.set(1, { service })
  await repeat({ task: 'looking at the servers', signal, logger, intervalMs: INTERVAL_MS }, async () => {
    const { components } = await health.report()
    for (const component of SERVERS) {
      const state = components[component]
      if (state !== 'embedded') servers.set(state === 'healthy' ? 1 : 0, { component })
    }
  })
}
