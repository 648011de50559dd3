import { verifyAuditLog } from '@golden-arch/core/audit'
import { type AlertSink, type Logger, METRICS, type Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { repeat } from '../../keep-running.ts'
import type { AuditCheckpoints } from '../../open-audit-checkpoints.ts'

/** What verifying the audit log needs. */
export interface VerifyAuditChainsOptions {
  readonly database: SqlDatabase
  readonly alerts: AlertSink
  readonly logger: Logger
  readonly metrics: Metrics
  /** What chains are compared with; undefined: nothing outside the database. */
  readonly checkpoints: Pick<AuditCheckpoints, 'keys' | 'read'> | undefined
  /** Default the system clock. */
  readonly clock?: Clock
}

/** What is known of a chain. */
interface Chain {
  /** When it was last found good; before that, when it was first seen here. */
  readonly atMs: number
  /** What the last verification found. */
  readonly found: 'good' | 'bad' | 'unknown'
}

const LOOK_INTERVAL_MS = 3_600_000
const VERIFY_INTERVAL_MS = 86_400_000
/** Of a chain that takes longer nothing is known, which the age of the last verification tells. */
const MAX_CHAIN_MS = 3_600_000

/**
 * Verifies the chain of each tenant at once and then once a day, one after the other, until the signal fires; a bad one is looked at
 * again each hour. Each process does so for itself: what another has found would have to stand in the database that is doubted.
 */
export async function verifyAuditChains(
  options: VerifyAuditChainsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { logger, metrics, clock = systemClock } = options
  const age = metrics.gauge(METRICS.auditVerificationAgeSeconds)
  const startedAtMs = clock.monotonicMs()
  const chains = new Map<string, Chain>()
  const tellAge = (): void => {
    const nowMs = clock.monotonicMs()
    let oldestAtMs = chains.size === 0 ? startedAtMs : nowMs
    // That one is bad is told by a metric of its own.
    for (const { atMs, found } of chains.values())
      if (found !== 'bad') oldestAtMs = Math.min(oldestAtMs, atMs)
    age.set((nowMs - oldestAtMs) / 1000)
  }
  const looking = { task: 'verifying the audit log', signal, logger, clock, intervalMs: LOOK_INTERVAL_MS }
  await repeat(looking, async () => {
    // Also where this round ends before its first chain, or takes days: what nobody has verified grows old meanwhile.
    tellAge()
    const tenants = await tenantsOf(options)
    for (const tenantId of chains.keys()) if (!tenants.has(tenantId)) chains.delete(tenantId)
    const seenAtMs = clock.monotonicMs()
    for (const tenantId of tenants)
      if (!chains.has(tenantId)) chains.set(tenantId, { atMs: seenAtMs, found: 'unknown' })
    for (const [tenantId, { atMs, found }] of chains) {
      if (signal.aborted) return
      if (found !== 'good' || clock.monotonicMs() - atMs >= VERIFY_INTERVAL_MS) {
        const outcome = await verify(options, tenantId, signal)
        chains.set(tenantId, {
          atMs: outcome === 'good' ? clock.monotonicMs() : atMs,
          found: outcome,
        })
      }
      tellAge()
    }
  })
}

async function verify(
  { database, alerts, logger, metrics, checkpoints }: VerifyAuditChainsOptions,
  tenantId: string,
  signal: AbortSignal,
): Promise<Chain['found']> {
  try {
    const found = await verifyAuditLog({
      ...{ database, tenantId, metrics },
      ...(checkpoints === undefined ? {} : { keys: checkpoints.keys, checkpoints: checkpoints.read() }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(MAX_CHAIN_MS)]),
    })
    if (found.ok) return 'good'
    const { firstBadSequence, reason } = found
    const details = { firstBadSequence, reason }
    logger.error({ tenantId, ...details }, 'the audit log of a tenant does not verify')
    const summary = `the audit log of ${tenantId} does not verify`
    alerts.raise({ kind: 'audit.broken', severity: 'critical', summary, tenantId, key: tenantId, details })
    return 'bad'
  } catch (error) {
    // One tenant's trouble is not another's.
    if (!signal.aborted) logger.warn({ err: error, tenantId }, 'an audit chain could not be verified')
    return 'unknown'
  }
}

/** Those with a chain, and those that a checkpoint outside the database names. */
async function tenantsOf({ database, checkpoints }: VerifyAuditChainsOptions): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM audit_chain_heads ORDER BY tenant_id',
  )
  const tenants = new Set(rows.map(({ tenant_id: tenantId }) => tenantId))
  if (checkpoints !== undefined) for await (const { tenantId } of checkpoints.read()) tenants.add(tenantId)
  return tenants
}
