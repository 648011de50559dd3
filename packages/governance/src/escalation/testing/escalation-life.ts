import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { AlertSink } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { DEFAULT_ESCALATION_POLICY, type EscalationPolicy } from '../escalation-policy.ts'
import { EscalationStore } from '../escalation-store.ts'
import { EscalationTimer } from '../escalation-timer.ts'
import { controlledClock } from './controlled-clock.ts'

const MINUTE = 60_000

/** One repeated alert at the last level, and back four hours after an acknowledgement. */
export const LIFE_POLICY: EscalationPolicy = {
  ...DEFAULT_ESCALATION_POLICY,
  critical: { ...DEFAULT_ESCALATION_POLICY.critical, maxRepeats: 1 },
}

/** What happens in a life, in order, as events name it. */
const LIFE_EVENTS = [
  'raised',
  'levelRaised',
  'levelRaised',
  'repeated',
  'acknowledged',
  'reopened',
  'acknowledged',
  'resolved',
] as const

/** The same as the audit log names it. */
const LIFE_ACTIONS = [
  'raise',
  'raiseLevel',
  'raiseLevel',
  'repeat',
  'acknowledge',
  'reopen',
  'acknowledge',
  'resolve',
] as const

/** Which of it is alerted. */
const LIFE_ALERTS = ['raised', 'levelRaised', 'levelRaised', 'repeated', 'reopened'] as const

/** A life of one escalation. */
export interface Life {
  readonly database: SqlDatabase
  readonly alerts: AlertSink
  readonly tenantId: string
  /** When it is raised; no life before it may last until then. */
  readonly startAt: Date
  /** Told before each part. */
  readonly onStage?: (stage: string) => void
}

/**
 * Raises an escalation, takes it through all levels, acknowledges it, lets it come back, acknowledges and resolves it.
 * Begun again after a crash it goes on, and leaves what was done as it is.
 */
export async function liveEscalation({ database, alerts, tenantId, startAt, onStage }: Life): Promise<void> {
  const parts = { database, outbox: new SqlEventOutbox(), audit: new SqlAuditLog(), policy: LIFE_POLICY }
  const store = new EscalationStore({ ...parts, now: controlledClock })
  const timer = new EscalationTimer({ escalations: store, alerts })
  const reach = async (minutes: number): Promise<void> => {
    const at = new Date(startAt.getTime() + minutes * MINUTE)
    await database.query('UPDATE controlled_clock SET at = greatest(at, $1::timestamptz)', [at])
  }
  const tickAt = async (stage: string, minutes: number): Promise<void> => {
    onStage?.(stage)
    await reach(minutes)
    await timer.runOnce()
  }
  const actor = { id: 'ada', kind: 'human' } as const

  onStage?.('raise')
  await reach(0)
  await database.transaction((tx) =>
    store.raise(tx, {
      tenantId,
      projectId: 'demo',
      taskId: 'task-1',
      reason: 'attempts-exhausted',
      severity: 'critical',
      level: 'supervisor',
      askedAtVersion: 2,
      details: {},
    }),
  )
  const [raised] = (await store.list({ tenantId })).items
  if (raised === undefined) throw new Error('the escalation is lost')
  const acknowledge = async (): Promise<void> => {
    onStage?.('acknowledge')
    const { status } = await store.get(raised)
    if (status !== 'resolved') await store.acknowledge({ ...raised, actor })
  }
  await tickAt('first alert', 0)
  await tickAt('operator', 5)
  await tickAt('admin', 15)
  await tickAt('repeat', 30)
  await acknowledge()
  await tickAt('reopen', 270)
  await acknowledge()
  onStage?.('resolve')
  await store.resolve({ ...raised, actor, resolution: 'reset by hand' })
}

/** What a life left behind. */
export interface LifeOutcome {
  /** What is not as it must be; nothing where all is well. */
  readonly problems: readonly string[]
  /** Alerts that were handed over more than once. */
  readonly handedTwice: number
}

/** Waits until nobody, such as the connection of a process that was killed, holds rows of a tenant. */
export async function outlastLocks(database: SqlDatabase, tenantId: string): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM escalations WHERE tenant_id = $1 FOR UPDATE', [tenantId])
    await tx.query('SELECT 1 FROM escalation_alerts WHERE tenant_id = $1 FOR UPDATE', [tenantId])
  })
}

/** Judges a life that has ended. `handed` are the alerts as a sink took them, each as `kind key`. */
export async function judgeLife(
  database: SqlDatabase,
  tenantId: string,
  handed: readonly string[],
): Promise<LifeOutcome> {
  const problems: string[] = []
  const same = (what: string, found: readonly string[], wanted: readonly string[]): void => {
    if (found.join() !== wanted.join()) problems.push(`${what}: ${found.join()}, not ${wanted.join()}`)
  }
  const read = async (text: string): Promise<readonly string[]> =>
    (await database.query<{ one: string }>(text, [tenantId])).rows.map(({ one }) => one)
  const events = await read(
    `SELECT substr(event_type, 12) AS one FROM outbox WHERE tenant_id = $1 ORDER BY position`,
  )
  same('events', events, LIFE_EVENTS)
  const audit = await read(
    `SELECT substr(action, 12) AS one FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id`,
  )
  same('audit', audit, LIFE_ACTIONS)
  const waiting = await read('SELECT kind AS one FROM escalation_alerts WHERE tenant_id = $1')
  same('alerts that nobody took', waiting, [])
  const rows = await read(
    `SELECT concat_ws(' ', escalation_id, level, status, repeats, alert_count) AS one
       FROM escalations WHERE tenant_id = $1`,
  )
  const id = rows[0]?.split(' ')[0] ?? ''
  same('rows', rows, [`${id} admin resolved 0 ${LIFE_ALERTS.length}`])
  same(
    'alerts',
    [...new Set(handed)].sort(),
    LIFE_ALERTS.map((kind, index) => `escalation.${kind} ${id}/${index + 1}`).sort(),
  )
  return { problems, handedTwice: handed.length - new Set(handed).size }
}
