import type { SqlDatabase } from '@golden-arch/core/storage'
import type { Finding } from '../../demo/check-bill.ts'

/** By the name of what must be there once: a query for how many there are and how many of them too many or too few. */
const COUNTS: Readonly<Record<string, string>> = {
  'steps that ended': `
    SELECT count(*) AS count, count(*) FILTER (WHERE ends <> 1) AS wrong
      FROM (SELECT (SELECT count(*) FROM outbox o
                     WHERE o.event_type = 'task.step.done' AND o.subject = s.task_id
                       AND o.envelope->'data'->>'stepId' = s.step_id) AS ends
              FROM task_steps s WHERE s.state IN ('done', 'failed')) AS s`,
  'changes of tasks, each told once': `
    SELECT sum(version - 1) AS count, count(*) FILTER (WHERE version - 1 <> told) AS wrong
      FROM (SELECT t.version,
                   (SELECT count(*) FROM outbox o WHERE o.subject = t.task_id AND o.event_type IN
                     ('task.transitioned', 'task.completed', 'task.escalated')) AS told
              FROM tasks t) AS t`,
  'tasks, each created once in the audit log': `
    SELECT count(*) AS count, count(*) FILTER (WHERE entries <> 1) AS wrong
      FROM (SELECT (SELECT count(*) FROM audit_log a WHERE a.action = 'task.create'
                       AND a.resource = 'task/' || t.task_id) AS entries FROM tasks t) AS t`,
  'rounds of review, one for each solution': `
    SELECT count(*) AS count, count(*) - count(DISTINCT (tenant_id, subject_id, content_hash)) AS wrong
      FROM peer_reviews`,
  'rounds of review with three votes and an outcome': `
    SELECT count(*) AS count, count(*) FILTER (WHERE votes <> 3 OR outcome_kind IS NULL) AS wrong
      FROM (SELECT r.outcome_kind,
                   (SELECT count(*) FROM peer_review_votes v
                     WHERE (v.tenant_id, v.subject_id, v.round) = (r.tenant_id, r.subject_id, r.round)) AS votes
              FROM peer_reviews r) AS r`,
  'escalations, one for each task and reason': `
    SELECT count(*) AS count,
           count(*) - count(DISTINCT (tenant_id, subject_kind, subject_id, reason))
             + count(*) FILTER (WHERE occurrences <> 1) AS wrong
      FROM escalations`,
  'fixes, each ended': `
    SELECT count(*) AS count, count(*) FILTER (WHERE f.outcome = 'started' AND t.status <> 'waiting') AS wrong
      FROM task_fixes f JOIN tasks t USING (tenant_id, task_id)`,
  'versions of prompts': `
    SELECT count(*) AS count, count(*) - count(DISTINCT (tenant_id, agent_role, content_sha256)) AS wrong FROM prompts`,
  'tasks that stand as the last event told of them': `
    SELECT count(*) AS count, count(*) FILTER (WHERE status <> told) AS wrong
      FROM (SELECT t.status,
                   coalesce((SELECT o.envelope->'data'->>'to' FROM outbox o
                              WHERE o.tenant_id = t.tenant_id AND o.subject = t.task_id AND o.event_type IN
                                ('task.transitioned', 'task.completed', 'task.escalated')
                              ORDER BY o.position DESC LIMIT 1), 'submitted') AS told
              FROM tasks t) AS t`,
  'parts of completed tasks, each completed': `
    SELECT count(*) AS count, count(*) FILTER (WHERE p.status <> 'completed') AS wrong
      FROM tasks p JOIN tasks t ON t.tenant_id = p.tenant_id AND t.task_id = p.parent_task_id
     WHERE p.kind = 'child' AND t.status = 'completed'`,
  'events of budgets, each once in the audit log': `
    SELECT count(*) AS count, count(*) FILTER (WHERE entries <> 1) AS wrong
      FROM (SELECT (SELECT count(*) FROM audit_log a WHERE a.resource = 'event/' || o.event_id) AS entries
              FROM outbox o WHERE o.event_type LIKE 'budget.%') AS o`,
  'effects under the claim of a step': `
    SELECT count(*) AS count, count(*) FILTER (WHERE e.fence IS NULL OR s.fence IS NULL OR e.fence > s.fence) AS wrong
      FROM task_effects e LEFT JOIN task_steps s USING (tenant_id, task_id, step_id)`,
  'effects whose end is known': `
    SELECT count(*) AS count, count(*) FILTER (WHERE state = 'intended') AS wrong FROM task_effects`,
}

/** Looks for anything that was done twice, or not at all. */
export async function checkOnce(database: SqlDatabase): Promise<Finding> {
  const figures: Record<string, number> = {}
  const problems: string[] = []
  for (const [name, sql] of Object.entries(COUNTS)) {
    const { rows } = await database.query<{ count: bigint | string | null; wrong: bigint | string }>(sql)
    const { count, wrong } = rows[0] ?? { count: 0n, wrong: 0n }
    figures[name] = Number(count)
    if (Number(wrong) > 0) problems.push(`${name}: ${wrong} of ${count} are not so`)
  }
  return { figures, problems }
}
