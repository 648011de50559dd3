import type { TraceContext } from '../../observability/index.ts'
import type { TaskFacts } from '../task.ts'
import type { ClaimedStep, Step, StepFailure, StepState } from './step.ts'

/** A row of `task_steps` as {@link STEP_COLUMNS} reads it. */
export interface StepRow {
  readonly tenant_id: string
  readonly task_id: string
  readonly step_id: string
  readonly service: string
  readonly kind: string
  readonly request: TaskFacts
  readonly state: StepState
  readonly result: unknown
  readonly error: StepFailure | null
  readonly fence: bigint
  readonly runs: number
  readonly max_runs: number
  readonly timeout_ms: number
  readonly deadline_at: Date | null
  readonly requested_at: Date
  readonly ended_at: Date | null
}

/** A row that was just claimed: a run has its time. */
export interface ClaimedRow extends StepRow {
  readonly deadline_at: Date
  readonly trace: TraceContext | null
}

/** What a step is read by; `table` is the name that the statement gives to `task_steps`. */
export function stepColumns(table: string): string {
  const names =
    'tenant_id, task_id, step_id, service, kind, request, state, result, error, fence, runs, max_runs, timeout_ms, deadline_at, requested_at, ended_at'
  return names.replace(/\w+/g, (name) => `${table}.${name}`)
}

/** The step that a row holds. */
export function stepOf(row: StepRow): Step {
  return {
    tenantId: row.tenant_id,
    taskId: row.task_id,
    stepId: row.step_id,
    service: row.service,
    kind: row.kind,
    request: row.request,
    state: row.state,
    result: row.result,
    error: row.error,
    fence: Number(row.fence),
    runs: row.runs,
    maxRuns: row.max_runs,
    timeoutMs: row.timeout_ms,
    deadlineAt: row.deadline_at,
    requestedAt: row.requested_at,
    endedAt: row.ended_at,
  }
}

/** The claim that a row holds which was just claimed. */
export function claimOf(row: ClaimedRow, owner: string): ClaimedStep {
  const { tenantId, taskId, stepId, service, kind, request, fence, runs, maxRuns, timeoutMs } = stepOf(row)
  const { deadline_at: deadlineAt, trace } = row
  return {
    tenantId,
    taskId,
    stepId,
    service,
    kind,
    request,
    fence,
    owner,
    runs,
    maxRuns,
    timeoutMs,
    deadlineAt,
    ...(trace === null ? {} : { trace }),
  }
}
