import { InvalidOptionError, requireInteger, requireText } from '../../errors/index.ts'
import type { EventOutbox } from '../../events/index.ts'
import type { Tracer } from '../../observability/index.ts'
import { jsonText, type SqlTransaction } from '../../storage/index.ts'
import { TaskError } from '../task-error.ts'
import { versionConflict } from '../task-store.ts'
import { type NewStep, stepKindOf } from './step.ts'
import { taskEnded } from './step-error.ts'
import { stepRequestedEvent } from './step-events.ts'

const DAY_MS = 86_400_000
/** Bytes of JSON that a request or a result may have. */
const MAX_JSON_BYTES = 4_194_304

/** The JSON text of a request or a result. @throws InvalidOptionError `INVALID_OPTION` on more than 4 MiB. */
export function boundedJson(option: string, value: object): string {
  const text = jsonText(value)
  if (Buffer.byteLength(text) <= MAX_JSON_BYTES) return text
  throw new InvalidOptionError(option, `at most ${MAX_JSON_BYTES} bytes of JSON`, `${text.slice(0, 100)}…`)
}

/**
 * Asks for a step with its event; false, and nothing changed, where it was asked for before. The task is locked until
 * `tx` ends, so that it cannot end meanwhile and leave the step behind.
 */
export async function requestStep(
  tx: SqlTransaction,
  { outbox, tracer }: { readonly outbox: EventOutbox | undefined; readonly tracer: Tracer },
  step: NewStep,
  now: Date,
): Promise<boolean> {
  const { tenantId, taskId } = step
  const trace = tracer.activeContext()
  const stepId = requireText('stepId', step.stepId)
  const inserted = await tx.query(
    `WITH task AS MATERIALIZED (
       SELECT status, version FROM tasks WHERE tenant_id = $1 AND task_id = $2 FOR NO KEY UPDATE)
     INSERT INTO task_steps (tenant_id, task_id, step_id, service, kind, request, timeout_ms, max_runs, trace, due_at)
     SELECT $1, $2, $3, $4, $5, $6::jsonb, $7::int, $8::int, $10::jsonb, clock_timestamp() FROM task
      WHERE status NOT IN ('completed', 'failed', 'cancelled') AND ($9::bigint IS NULL OR version = $9::bigint)
     ON CONFLICT (tenant_id, task_id, step_id) DO NOTHING`,
    [
      tenantId,
      taskId,
      stepId,
      requireText('service', step.service, 64),
      requireText('kind', step.kind ?? stepKindOf(stepId)),
      boundedJson('request', step.request),
      requireInteger('timeoutMs', step.timeoutMs ?? 600_000, { min: 1, max: DAY_MS }),
      requireInteger('maxRuns', step.maxRuns ?? 5, { min: 1, max: 100 }),
      step.taskVersion ?? null,
      trace === null ? null : jsonText(trace),
    ],
  )
  if (inserted.rowCount === 1) {
    await outbox?.append(tx, [stepRequestedEvent(step, 0, now)])
    return true
  }
  await requireExisting(tx, step)
  return false
}

/** Why nothing was inserted, unless the step was there. */
async function requireExisting(tx: SqlTransaction, step: NewStep): Promise<void> {
  const { tenantId, taskId, stepId } = step
  const { rows } = await tx.query<{ status: string; exists: boolean }>(
    `SELECT status, EXISTS (SELECT FROM task_steps
              WHERE tenant_id = $1 AND task_id = $2 AND step_id = $3) AS exists
       FROM tasks WHERE tenant_id = $1 AND task_id = $2`,
    [tenantId, taskId, stepId],
  )
  const task = rows[0]
  if (task === undefined) throw TaskError.notFound(tenantId, taskId)
  if (task.exists) return
  if (['completed', 'failed', 'cancelled'].includes(task.status))
    throw taskEnded(tenantId, taskId, task.status)
  throw versionConflict(taskId, step.taskVersion ?? 0)
}
