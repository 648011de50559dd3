import type { SqlExecutor } from '../../storage/index.ts'
import type { ClaimedStep, StepKey } from './step.ts'
import { type ClaimedRow, claimOf, stepColumns } from './step-row.ts'

/** The steps of one kind that a tenant has. */
export interface StepSort {
  readonly tenantId: string
  readonly kind: string
}

/** Whose next step is claimed, and by whom. */
export interface ClaimNextOptions {
  /** The service that the step asks. */
  readonly service: string
  /** The process, 1 to 256 characters. */
  readonly owner: string
  /** Steps that could not begin now if they were claimed: they are passed over. Default none. */
  readonly except?: readonly StepSort[] | undefined
}

/** What a claim is made with. */
interface ClaimTerms {
  readonly owner: string
  readonly leaseMs: number
}

/** `$1` is the owner and `$2` the milliseconds of the lease. */
const TAKE = `UPDATE task_steps s
     SET state = 'running', fence = s.fence + 1, runs = s.runs + 1, lease_owner = $1,
         due_at = clock_timestamp() + make_interval(secs => $2::float8 / 1000),
         deadline_at = clock_timestamp() + make_interval(secs => s.timeout_ms::float8 / 1000)`

/** Claims this step, if it is requested or its lease has lapsed, and runs are left. */
export async function claimStep(
  executor: SqlExecutor,
  key: StepKey,
  { owner, leaseMs }: ClaimTerms,
): Promise<ClaimedStep | undefined> {
  const { rows } = await executor.query<ClaimedRow>(
    `${TAKE}
      WHERE s.tenant_id = $3 AND s.task_id = $4 AND s.step_id = $5 AND s.state IN ('requested', 'running')
        AND s.runs < s.max_runs AND s.due_at <= clock_timestamp()
      RETURNING ${stepColumns('s')}, s.trace`,
    [owner, leaseMs, key.tenantId, key.taskId, key.stepId],
  )
  return rows[0] === undefined ? undefined : claimOf(rows[0], owner)
}

/** Claims the step of a service that has waited longest, beyond the grace that its message has. */
export async function claimNextStep(
  executor: SqlExecutor,
  service: string,
  { owner, leaseMs }: ClaimTerms,
  { graceMs, except }: { readonly graceMs: number; readonly except: readonly StepSort[] },
): Promise<ClaimedStep | undefined> {
  // statement_timestamp() and not clock_timestamp(): an index can be searched up to a value that stands still.
  const { rows } = await executor.query<ClaimedRow>(
    `WITH next AS MATERIALIZED (
       SELECT tenant_id, task_id, step_id FROM task_steps
        WHERE service = $3 AND state IN ('requested', 'running') AND runs < max_runs
          AND due_at <= statement_timestamp() - make_interval(secs => $4::float8 / 1000)
          AND (tenant_id, kind) NOT IN (SELECT * FROM unnest($5::text[], $6::text[]))
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     ${TAKE} FROM next
      WHERE s.tenant_id = next.tenant_id AND s.task_id = next.task_id AND s.step_id = next.step_id
        AND s.due_at <= clock_timestamp()
      RETURNING ${stepColumns('s')}, s.trace`,
    [
      ...[owner, leaseMs, service, graceMs],
      except.map(({ tenantId }) => tenantId),
      except.map(({ kind }) => kind),
    ],
  )
  return rows[0] === undefined ? undefined : claimOf(rows[0], owner)
}
