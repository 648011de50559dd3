import type { SqlDatabase } from '@golden-arch/core/storage'
import type { TaskKey } from '@golden-arch/core/tasks'
import { z } from 'zod'
import { moneySchema } from './budget-schemas.ts'

const instant = z.iso.datetime()
/** What was done for a task. */
export const workSchema = z
  .strictObject({
    steps: z.array(
      z.strictObject({
        id: z.string().describe('The step and its attempt: generate:2.'),
        service: z.string(),
        state: z.enum(['requested', 'running', 'done', 'failed', 'cancelled']),
        runs: z.int().min(0),
        error: z.string().nullable().describe('Why the last run failed.'),
        requested_at: instant,
        ended_at: instant.nullable(),
      }),
    ),
    calls: z.array(
      z.strictObject({
        id: z.string(),
        step: z.string().nullable(),
        state: z.enum(['intended', 'done', 'uncertain']),
        agent_id: z.string().nullable(),
        model: z
          .string()
          .nullable()
          .describe(
            'provider/model that was asked. While the call is under way, and where its end is unknown: as price tables name it, null without a price.',
          ),
        tokens: z.int().nullable().describe('Charged; held where the call is under way.'),
        cost: moneySchema.nullable().describe('Charged.'),
        started_at: instant,
        ended_at: instant.nullable(),
      }),
    ),
    fixes: z.array(
      z.strictObject({
        fix: z.string(),
        guard: z.string().describe('That refused the move.'),
        transition: z.string().describe('The move: executing>reviewing.'),
        try: z.int().min(1),
        outcome: z.enum(['started', 'succeeded', 'failed', 'refused']),
        remediation_task_id: z.string().nullable(),
        started_at: instant,
        ended_at: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'TaskWork', description: 'What was done for a task, each list the oldest first.' })

type Work = z.infer<typeof workSchema>
type WorkStep = Work['steps'][number]
type WorkCall = Work['calls'][number]

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
export async function stepsOfTask(database: SqlDatabase, { tenantId, taskId }: TaskKey): Promise<WorkStep[]> {
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
export async function callsOfTask(database: SqlDatabase, { tenantId, taskId }: TaskKey): Promise<WorkCall[]> {
  const { rows } = await database.query<CallRow>(
    `SELECT e.effect_id AS id, e.step_id AS step, e.state, e.intended_at, e.settled_at, r.agent_id,
            coalesce(e.result->>'model', r.model) AS model,
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
