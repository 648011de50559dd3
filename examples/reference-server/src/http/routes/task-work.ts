import type { SqlDatabase } from '@golden-arch/core/storage'
import type { TaskKey } from '@golden-arch/core/tasks'

/** A step of a task as the API tells it. */
export interface WorkStep {
  readonly id: string
  readonly service: string
  readonly state: 'requested' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly runs: number
  readonly error: string | null
  readonly requested_at: string
  readonly ended_at: string | null
}

/** A call for a task as the API tells it. */
export interface WorkCall {
  readonly id: string
  readonly step: string | null
  readonly state: 'intended' | 'done' | 'uncertain'
  readonly agent_id: string | null
  readonly model: string | null
  readonly tokens: number | null
  readonly cost: { readonly currency: string; readonly micros: number } | null
  readonly started_at: string
  readonly ended_at: string | null
}

interface StepRow extends Omit<WorkStep, 'requested_at' | 'ended_at'> {
  readonly requested_at: Date
  readonly ended_at: Date | null
}

interface CallRow extends Pick<WorkCall, 'id' | 'step' | 'state' | 'agent_id' | 'model'> {
  readonly tokens: bigint | null
  readonly used_micros: bigint | null
  readonly currency: string | null
  readonly intended_at: Date
  readonly settled_at: Date | null
}

/** The steps of a task in the order of their asking, 1000 at most. */
export async function stepsOfTask(
  database: SqlDatabase,
  { tenantId, taskId }: TaskKey,
): Promise<readonly WorkStep[]> {
  const { rows } = await database.query<StepRow>(
    `SELECT step_id AS id, service, state, runs, requested_at, ended_at,
            left(coalesce(error->>'message', error->>'code', error #>> '{}'), 500) AS error
       FROM task_steps WHERE tenant_id = $1 AND task_id = $2 ORDER BY position LIMIT 1000`,
    [tenantId, taskId],
  )
  return rows.map(({ requested_at, ended_at, ...step }) => ({
    ...step,
    requested_at: requested_at.toISOString(),
    ended_at: ended_at?.toISOString() ?? null,
  }))
}

/** The calls for a task, 1000 at most, each to a model with the hold that it was paid by: they go by one id. */
export async function callsOfTask(
  database: SqlDatabase,
  { tenantId, taskId }: TaskKey,
): Promise<readonly WorkCall[]> {
  const { rows } = await database.query<CallRow>(
    `SELECT e.effect_id AS id, e.step_id AS step, e.state, e.intended_at, e.settled_at, r.agent_id, r.model,
            coalesce(r.used_tokens, r.tokens)::bigint AS tokens, r.used_micros::bigint AS used_micros, r.currency
       FROM task_effects e
       LEFT JOIN budget_reservations r ON r.tenant_id = e.tenant_id AND r.request_id = e.effect_id
      WHERE e.tenant_id = $1 AND e.task_id = $2 ORDER BY e.intended_at, e.effect_id LIMIT 1000`,
    [tenantId, taskId],
  )
  return rows.map(({ intended_at, settled_at, tokens, used_micros, currency, ...call }) => ({
    ...call,
    tokens: tokens === null ? null : Number(tokens),
    cost: used_micros === null || currency === null ? null : { currency, micros: Number(used_micros) },
    started_at: intended_at.toISOString(),
    ended_at: settled_at?.toISOString() ?? null,
  }))
}
