import { PatternSupervisor } from '@golden-arch/governance/patterns'
import type { Governance } from '../../assemble-governance.ts'
import { repeat } from '../../keep-running.ts'
import type { ServerContext } from '../../server-context.ts'
import { TAUGHT_FIXES } from './taught-fixes.ts'

const INTERVAL_MS = 60_000
/** Of more tenants than these, a round learns for the first ones by name. */
const MAX_TENANTS = 1000

/** Learns from the failures of each tenant, from time to time, until the signal fires. */
export async function learnPatterns(
  context: Pick<ServerContext, 'database' | 'outbox' | 'audit' | 'alerts' | 'logger'>,
  { governor, prompts }: Pick<Governance, 'governor' | 'prompts'>,
  signal: AbortSignal,
): Promise<void> {
  const { database, outbox, audit, alerts, logger } = context
  const supervisor = new PatternSupervisor({
    ...{ database, outbox, audit, alerts },
    prompts: governor,
    inForce: prompts,
    fixes: TAUGHT_FIXES,
  })
  await repeat({ task: 'learning from failures', signal, logger, intervalMs: INTERVAL_MS }, async () => {
    for (const tenantId of await tenantsWithFailures(context)) {
      if (signal.aborted) return
      // One tenant's trouble is not another's.
      await supervisor.learn({ tenantId, signal }).catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ err: error, tenantId }, 'learning from failures failed')
      })
    }
  })
}

/** Looked up one after the other, so that it takes as long as there are tenants, however many failures. */
async function tenantsWithFailures({
  database,
}: Pick<ServerContext, 'database'>): Promise<readonly string[]> {
  const { rows } = await database.query<{ tenant_id: string }>(
    `WITH RECURSIVE tenants (tenant_id) AS (
       (SELECT tenant_id FROM pattern_counts ORDER BY tenant_id LIMIT 1)
       UNION ALL
       SELECT (SELECT c.tenant_id FROM pattern_counts AS c WHERE c.tenant_id > t.tenant_id ORDER BY c.tenant_id LIMIT 1)
         FROM tenants AS t WHERE t.tenant_id IS NOT NULL
     )
     SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL LIMIT $1`,
    [MAX_TENANTS],
  )
  return rows.map(({ tenant_id: tenantId }) => tenantId)
}
