import { serializeError } from '../../errors/index.ts'
import type { EventOutbox } from '../../events/index.ts'
import { jsonText, type SqlDatabase } from '../../storage/index.ts'
import { TaskError } from '../task-error.ts'
import { wakeTask } from './settle-step.ts'
import type { StepKey } from './step.ts'
import { stepEndedEvent, stepRequestedEvent } from './step-events.ts'

/** What became of steps whose holders are gone. */
export interface RecoveredSteps {
  /** Steps asked for again. */
  readonly requested: number
  /** Steps that failed, as no run was left. */
  readonly failed: number
}

interface LostRow {
  readonly tenant_id: string
  readonly task_id: string
  readonly step_id: string
  readonly service: string
  readonly fence: bigint
}

interface LostStep extends StepKey {
  readonly service: string
  readonly fence: number
}

const COLUMNS = 'tenant_id, task_id, step_id, service, fence'

function lostStepOf(row: LostRow): LostStep {
  const { tenant_id: tenantId, task_id: taskId, step_id: stepId, service, fence } = row
  return { tenantId, taskId, stepId, service, fence: Number(fence) }
}

/** Asks again for up to `limit` steps whose leases have lapsed; those without a further run fail. */
export async function recoverLostSteps(
  database: SqlDatabase,
  outbox: EventOutbox | undefined,
  limit: number,
  now: Date,
): Promise<RecoveredSteps> {
  const requested = await requestAgain(database, outbox, limit, now)
  let failed = 0
  for (const step of await exhausted(database, limit)) {
    if (await failLost(database, outbox, step, now)) failed++
  }
  return { requested, failed }
}

function requestAgain(
  database: SqlDatabase,
  outbox: EventOutbox | undefined,
  limit: number,
  now: Date,
): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<LostRow>(
      `WITH lost AS MATERIALIZED (
         SELECT tenant_id, task_id, step_id FROM task_steps
          WHERE state = 'running' AND runs < max_runs AND due_at <= statement_timestamp()
          ORDER BY due_at LIMIT $1::int FOR UPDATE SKIP LOCKED)
       UPDATE task_steps s
          SET state = 'requested', lease_owner = NULL, deadline_at = NULL, due_at = clock_timestamp()
         FROM lost
        WHERE s.tenant_id = lost.tenant_id AND s.task_id = lost.task_id AND s.step_id = lost.step_id
        RETURNING ${COLUMNS.replace(/\w+/g, (name) => `s.${name}`)}`,
      [limit],
    )
    const steps = rows.map(lostStepOf)
    await outbox?.append(
      tx,
      steps.map((step) => stepRequestedEvent(step, step.fence, now)),
    )
    return steps.length
  })
}

async function exhausted(database: SqlDatabase, limit: number): Promise<readonly LostStep[]> {
  const { rows } = await database.query<LostRow>(
    `SELECT ${COLUMNS} FROM task_steps
      WHERE state = 'running' AND runs >= max_runs AND due_at <= statement_timestamp()
      ORDER BY due_at LIMIT $1::int`,
    [limit],
  )
  return rows.map(lostStepOf)
}

/** Each in a transaction of its own, which locks its task before the step as all others do. */
function failLost(
  database: SqlDatabase,
  outbox: EventOutbox | undefined,
  step: LostStep,
  now: Date,
): Promise<boolean> {
  const error = new TaskError({
    code: 'STEP_LEASE_LOST',
    message: 'the last run ended without a result',
    details: { stepId: step.stepId },
  })
  return database.transaction(async (tx) => {
    await wakeTask(tx, step)
    const ended = await tx.query(
      `UPDATE task_steps SET state = 'failed', error = coalesce(error, $5::jsonb), ended_at = clock_timestamp(),
              due_at = NULL, deadline_at = NULL, lease_owner = NULL
        WHERE tenant_id = $1 AND task_id = $2 AND step_id = $3 AND fence = $4::bigint AND state = 'running'
          AND due_at <= clock_timestamp()`,
      [step.tenantId, step.taskId, step.stepId, step.fence, jsonText(serializeError(error))],
    )
    if (ended.rowCount === 0) return false
    await outbox?.append(tx, [stepEndedEvent(step, 'failed', now)])
    return true
  })
}
