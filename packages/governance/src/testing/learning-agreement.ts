import { isDeepStrictEqual } from 'node:util'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import { randomName } from '@golden-arch/testkit'
import { decideLearning, type LearningState } from '../learning/decide-learning.ts'
import { selectSituations } from '../learning/learning-rows.ts'
import { type HistoryBatch, instantText, type RoleHistory, type RoleLimits } from './learning-histories.ts'

/** What one way says of one role of one tenant. */
interface RoleAnswer extends Omit<LearningState, 'lastUpdateAt' | 'nextAllowedAt'> {
  readonly lastUpdateAt: number | null
  readonly nextAllowedAt: number | null
  readonly requiresApproval: boolean
  readonly canAutoUpdate: boolean
}

interface ViewRow {
  readonly tenant_id: string
  readonly agent_role: AgentRole
  readonly status: LearningState['status']
  readonly updates_today: number
  readonly last_update_at: Date | null
  readonly cooldown_active: boolean
  readonly requires_approval: boolean
  readonly next_allowed_at: Date | null
  readonly is_frozen: boolean
  readonly can_auto_update: boolean
}

/** Where two ways differ. */
export interface Disagreement {
  readonly between: string
  readonly role: AgentRole
  readonly timeZone: string
  readonly at: string
  readonly history: RoleHistory
  readonly limits: RoleLimits
  readonly one: RoleAnswer | undefined
  readonly other: RoleAnswer
}

class UndoError extends Error {}

/**
 * What the view `governance_status` with `can_auto_update_prompt`, the TypeScript that reads the same tables, and the
 * pure decision on the values themselves say of a batch, each at the batch's instant: where they differ. The instant
 * takes the place of `clock_timestamp()` in the very definitions of the view and the function. Leaves nothing behind.
 */
export async function disagreementsOf(
  database: SqlDatabase,
  batch: HistoryBatch,
): Promise<readonly Disagreement[]> {
  const found: Disagreement[] = []
  const undone = database.transaction(async (tx) => {
    await tx.query(`SELECT set_config('TimeZone', $1, true)`, [batch.timeZone])
    const tenantIds = batch.tenants.map((_one, index) => `${randomName('h')}-${index}`)
    await loadBatch(tx, batch, tenantIds)
    const viewed = await askView(tx, batch, tenantIds)
    for (const [index, tenantId] of tenantIds.entries()) {
      const read = await askTypeScript(tx, tenantId, batch)
      for (const role of AGENT_ROLES) {
        const history = batch.tenants[index]?.[role]
        if (history === undefined) throw new Error('a tenant without a history')
        const pure = answerOf(decidePurely(batch, role, history), batch.limits[role])
        const ways = { view: viewed.get(`${tenantId} ${role}`), reader: read.get(role) }
        for (const [way, one] of Object.entries(ways)) {
          if (isDeepStrictEqual(one, pure)) continue
          const seen = { role, timeZone: batch.timeZone, at: instantText(batch.at), history }
          const between = `${way} and decision`
          found.push({ between, ...seen, limits: batch.limits[role], one, other: pure })
        }
      }
    }
    throw new UndoError()
  })
  await undone.catch((error: unknown) => {
    if (!(error instanceof UndoError)) throw error
  })
  return found
}

function decidePurely(
  { at, limits }: HistoryBatch,
  agentRole: AgentRole,
  history: RoleHistory,
): LearningState {
  const rest = { requiredApprovals: 1, requiresNotes: false, proposalTtlHours: 1 }
  return decideLearning({
    rules: { agentRole, ...limits[agentRole], ...rest },
    history: history.applied.map((one) => ({ kind: one.kind, appliedAt: new Date(one.at.ms) })),
    isFrozen: history.freezes.includes('in force'),
    now: new Date(at.ms),
  })
}

async function askTypeScript(
  tx: SqlTransaction,
  tenantId: string,
  batch: HistoryBatch,
): Promise<ReadonlyMap<AgentRole, RoleAnswer>> {
  const situations = await selectSituations(tx, tenantId, new Date(batch.at.ms))
  return new Map(
    situations.map((one) => [one.rules.agentRole, answerOf(decideLearning(one), one.rules)] as const),
  )
}

async function askView(
  tx: SqlTransaction,
  batch: HistoryBatch,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, RoleAnswer>> {
  const { rows } = await tx.query<{ view: string; func: string }>(
    `SELECT pg_get_viewdef('governance_status'::regclass) AS view,
            pg_get_functiondef('can_auto_update_prompt(text, text)'::regprocedure) AS func`,
  )
  const atBatch = (text = ''): string =>
    text.replaceAll('clock_timestamp()', `'${instantText(batch.at)}'::timestamptz`)
  const view = atBatch(rows[0]?.view).replace(/;\s*$/, '')
  await tx.script(atBatch(rows[0]?.func).replace('can_auto_update_prompt(', 'can_auto_update_then('))
  const answers = await tx.query<ViewRow>(
    `SELECT s.*, can_auto_update_then(s.agent_role, s.tenant_id) AS can_auto_update
       FROM (${view}) AS s WHERE s.tenant_id = ANY ($1::text[])`,
    [tenantIds],
  )
  return new Map(answers.rows.map((row) => [`${row.tenant_id} ${row.agent_role}`, answerOfRow(row)] as const))
}

function answerOf(
  { lastUpdateAt, nextAllowedAt, ...state }: LearningState,
  { requiresApproval }: Pick<RoleLimits, 'requiresApproval'>,
): RoleAnswer {
  return {
    ...state,
    lastUpdateAt: lastUpdateAt?.getTime() ?? null,
    nextAllowedAt: nextAllowedAt?.getTime() ?? null,
    requiresApproval: requiresApproval || state.isFrozen,
    canAutoUpdate: state.status === 'can_auto_update',
  }
}

function answerOfRow(row: ViewRow): RoleAnswer {
  return {
    status: row.status,
    updatesToday: row.updates_today,
    cooldownActive: row.cooldown_active,
    isFrozen: row.is_frozen,
    lastUpdateAt: row.last_update_at?.getTime() ?? null,
    nextAllowedAt: row.next_allowed_at?.getTime() ?? null,
    requiresApproval: row.requires_approval,
    canAutoUpdate: row.can_auto_update,
  }
}

async function loadBatch(
  tx: SqlTransaction,
  batch: HistoryBatch,
  tenantIds: readonly string[],
): Promise<void> {
  const limits = AGENT_ROLES.map((role) => ({ role, ...batch.limits[role] }))
  await tx.query(
    `UPDATE learning_governance g SET max_updates_per_day = r."maxUpdatesPerDay", cooldown_hours = r."cooldownHours",
            requires_approval = r."requiresApproval", day = r.day
       FROM jsonb_to_recordset($1::jsonb)
            AS r(role text, "maxUpdatesPerDay" int, "cooldownHours" int, "requiresApproval" boolean, day text)
      WHERE r.role = g.agent_role`,
    [JSON.stringify(limits)],
  )
  await tx.query(
    `INSERT INTO prompts (tenant_id, agent_role, version, content, content_sha256, created_by)
     SELECT t, g.agent_role, 1, 'x', encode(sha256('x'), 'hex'), 'generator'
       FROM unnest($1::text[]) AS t CROSS JOIN learning_governance g`,
    [tenantIds],
  )
  await tx.query(
    `INSERT INTO learning_history (tenant_id, update_id, agent_role, kind, status, target_version, content_sha256, reason,
       proposed_by, proposed_by_kind, applied_at)
     SELECT h.tenant, h.role || h.number, h.role, h.kind, h.status, 1, encode(sha256('x'), 'hex'), 'generated',
       'generator', 'agent', h.applied_at
       FROM jsonb_to_recordset($1::jsonb)
            AS h(tenant text, role text, number int, kind text, status text, applied_at timestamptz)`,
    [JSON.stringify(changesOf(batch, tenantIds))],
  )
  await tx.query(
    `INSERT INTO learning_freezes (tenant_id, agent_role, reason, acknowledged_by, acknowledged_at)
     SELECT f.tenant, f.role, 'generated', f.by, CASE WHEN f.by IS NOT NULL THEN clock_timestamp() END
       FROM jsonb_to_recordset($1::jsonb) AS f(tenant text, role text, by text)`,
    [JSON.stringify(freezesOf(batch, tenantIds))],
  )
}

function changesOf(batch: HistoryBatch, tenantIds: readonly string[]): readonly object[] {
  return batch.tenants.flatMap((roles, index) =>
    AGENT_ROLES.flatMap((role) => {
      const { applied, notApplied } = roles[role]
      const done = applied.map(({ kind, at }) => ({ kind, status: 'applied', applied_at: instantText(at) }))
      const open = notApplied.map((status) => ({ kind: 'update', status, applied_at: null }))
      return [...done, ...open].map((one, number) => ({ tenant: tenantIds[index], role, number, ...one }))
    }),
  )
}

function freezesOf(batch: HistoryBatch, tenantIds: readonly string[]): readonly object[] {
  return batch.tenants.flatMap((roles, index) =>
    AGENT_ROLES.flatMap((role) =>
      roles[role].freezes.map((freeze) => ({
        tenant: tenantIds[index],
        role,
        by: freeze === 'acknowledged' ? 'ada' : null,
      })),
    ),
  )
}
