import type { SqlExecutor } from '@golden-arch/core/storage'

/** What was done for a root, its parts and its remediation tasks. */
export interface TaskFigures {
  /** Steps that services were asked for. */
  readonly steps: number
  /** Calls of models, failed ones counted. */
  readonly calls: number
  /** Moves that a guard refused. */
  readonly failedGuards: number
  /** Fixes that were tried, and those that helped. */
  readonly fixes: number
  readonly helpfulFixes: number
  /** Votes that reviewers cast in time, and those for the work. */
  readonly votes: number
  readonly approvals: number
  /** From its first step to where it stands. */
  readonly seconds: number
}

type Counts = Readonly<
  Record<
    'steps' | 'calls' | 'failed_guards' | 'fixes' | 'helpful_fixes' | 'votes' | 'approvals' | 'work_ms',
    bigint
  >
>

/** Counts what was done for a root. @throws StorageError by code. */
export async function taskFigures(
  executor: SqlExecutor,
  { tenantId, taskId }: { readonly tenantId: string; readonly taskId: string },
): Promise<TaskFigures> {
  const { rows } = await executor.query<Counts>(
    `WITH family AS (SELECT task_id FROM tasks WHERE tenant_id = $1 AND root_task_id = $2),
          steps AS (SELECT s.requested_at FROM task_steps s JOIN family USING (task_id) WHERE s.tenant_id = $1),
          fixes AS (SELECT x.outcome FROM task_fixes x JOIN family USING (task_id) WHERE x.tenant_id = $1),
          votes AS (SELECT v.decision FROM peer_review_votes v JOIN family f ON f.task_id = v.subject_id
                     WHERE v.tenant_id = $1 AND NOT v.is_late)
     SELECT (SELECT count(*) FROM steps) AS steps,
            (SELECT count(*) FROM task_effects e JOIN family USING (task_id)
              WHERE e.tenant_id = $1 AND e.result->>'kind' IS DISTINCT FROM 'tool') AS calls,
            (SELECT count(*) FROM audit_log a JOIN family f ON a.resource = 'task/' || f.task_id
              WHERE a.tenant_id = $1 AND a.action = 'task.transition' AND a.outcome = 'denied') AS failed_guards,
            (SELECT count(*) FROM fixes) AS fixes,
            (SELECT count(*) FROM fixes WHERE outcome = 'succeeded') AS helpful_fixes,
            (SELECT count(*) FROM votes) AS votes,
            (SELECT count(*) FROM votes WHERE decision = 'approve') AS approvals,
            coalesce((SELECT 1000 * extract(epoch FROM max(t.updated_at) - (SELECT min(requested_at) FROM steps))
                        FROM tasks t WHERE t.tenant_id = $1 AND t.task_id = $2), 0)::bigint AS work_ms`,
    [tenantId, taskId],
  )
  const counts = rows[0]
  if (counts === undefined) throw new Error('an aggregate gave no row')
  return {
    steps: Number(counts.steps),
    calls: Number(counts.calls),
    failedGuards: Number(counts.failed_guards),
    fixes: Number(counts.fixes),
    helpfulFixes: Number(counts.helpful_fixes),
    votes: Number(counts.votes),
    approvals: Number(counts.approvals),
    seconds: Math.max(0, Number(counts.work_ms)) / 1000,
  }
}
