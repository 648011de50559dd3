import type { SqlExecutor, SqlTransaction } from '../../storage/index.ts'
import type { ClaimedStep, HeartbeatAnswer, StepKey, StepState } from './step.ts'
import { stepLeaseLost, stepNotFound } from './step-error.ts'

type Held = Pick<ClaimedStep, 'tenantId' | 'taskId' | 'stepId' | 'fence'>

/** What is written when a step ends. */
export interface StepEnding {
  readonly state: 'done' | 'failed'
  /** JSON text; null unless `done`. */
  readonly result: string | null
  /** JSON text; null unless `failed`. */
  readonly error: string | null
}

/** Where the step of a claim stands that is no longer held. */
interface Standing {
  readonly state: StepState
  readonly fence: bigint
}

const HELD = `tenant_id = $1 AND task_id = $2 AND step_id = $3 AND fence = $4::bigint AND state = 'running'`

function held({ tenantId, taskId, stepId, fence }: Held): unknown[] {
  return [tenantId, taskId, stepId, fence]
}

/** Where the step stands. @throws TaskError `STEP_NOT_FOUND`. */
async function standingOf(executor: SqlExecutor, claim: Held): Promise<Standing> {
  const { rows } = await executor.query<Standing>(
    'SELECT state, fence FROM task_steps WHERE tenant_id = $1 AND task_id = $2 AND step_id = $3',
    [claim.tenantId, claim.taskId, claim.stepId],
  )
  if (rows[0] === undefined) throw stepNotFound(claim)
  return rows[0]
}

/** Renews the lease as long as the run has time, and says what became of it. */
export async function renewLease(
  executor: SqlExecutor,
  claim: Held,
  leaseMs: number,
): Promise<HeartbeatAnswer> {
  const renewed = await executor.query(
    `UPDATE task_steps SET due_at = clock_timestamp() + make_interval(secs => $5::float8 / 1000)
      WHERE ${HELD} AND deadline_at > clock_timestamp()`,
    [...held(claim), leaseMs],
  )
  if (renewed.rowCount === 1) return 'held'
  return (await standingOf(executor, claim)).state === 'cancelled' ? 'cancelled' : 'lost'
}

/**
 * Ends the step of a claim and wakes its task; false where this very claim has ended it so before.
 * @throws TaskError `STEP_LEASE_LOST`.
 */
export async function endStep(tx: SqlTransaction, claim: Held, ending: StepEnding): Promise<boolean> {
  // The task before the step, as the machine locks them that cancels the steps of a task: neither waits for the other.
  await wakeTask(tx, claim)
  const ended = await tx.query(
    `UPDATE task_steps SET state = $5, result = $6::jsonb, error = $7::jsonb, ended_at = clock_timestamp(),
            due_at = NULL, deadline_at = NULL, lease_owner = NULL
      WHERE ${HELD}`,
    [...held(claim), ending.state, ending.result, ending.error],
  )
  if (ended.rowCount === 1) return true
  const { state, fence } = await standingOf(tx, claim)
  // The answer to a COMMIT may have been lost: the same word again is no other.
  if (state === ending.state && Number(fence) === claim.fence) return false
  throw stepLeaseLost(claim, state)
}

/** Lets somebody look at the task that the step is of. */
export async function wakeTask(tx: SqlTransaction, { tenantId, taskId }: StepKey): Promise<void> {
  await tx.query(
    `UPDATE tasks SET wake_at = clock_timestamp()
      WHERE tenant_id = $1 AND task_id = $2 AND status NOT IN ('completed', 'failed', 'cancelled')`,
    [tenantId, taskId],
  )
}

/**
 * Puts the step of a claim back, to be claimed again after the pause.
 * @throws TaskError `STEP_LEASE_LOST`.
 */
export async function putBackStep(
  executor: SqlExecutor,
  claim: Held,
  { afterMs, isCounted, error }: { afterMs: number; isCounted: boolean; error: string | null },
): Promise<void> {
  const put = await executor.query(
    `UPDATE task_steps SET state = 'requested', runs = runs - CASE WHEN $6::boolean THEN 0 ELSE 1 END,
            error = coalesce($7::jsonb, error), lease_owner = NULL, deadline_at = NULL,
            due_at = clock_timestamp() + make_interval(secs => $5::float8 / 1000)
      WHERE ${HELD}`,
    [...held(claim), afterMs, isCounted, error],
  )
  if (put.rowCount === 1) return
  const { state, fence } = await standingOf(executor, claim)
  if (state === 'requested' && Number(fence) === claim.fence) return
  throw stepLeaseLost(claim, state)
}
