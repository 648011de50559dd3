import { assembleGovernance } from '../../assemble-governance.ts'
import { reviewIdOf } from '../../http/routes/review-id.ts'
import type { AssembledServer } from '../assembled-server.ts'
import { practicalTask } from './practical-task.ts'

const TENANT = 'acme'
const OF_EACH = ['1', '2', '3']

/** Gives the routes of a server something to be about. What a walk may begin to ask for, by path and name. */
export async function setScene({
  system,
  call,
  tokenOf,
}: AssembledServer): Promise<Readonly<Record<string, unknown>>> {
  const token = await tokenOf('admin')
  const tasks = OF_EACH.map((number) => `walked-${number}`)
  for (const id of tasks) {
    const { status } = await call('POST', '/api/v1/tasks', { token, body: { ...practicalTask(), id } })
    if (status !== 202) throw new Error(`the task was answered ${status}`)
  }
  const holds = OF_EACH.map((number) => ({ request_id: `walked-${number}` }))
  for (const hold of holds) {
    const body = { ...hold, project_id: 'coding-tasks', tokens: 10 }
    const { status } = await call('POST', '/api/v1/budget/request', { token, body })
    if (status !== 200) throw new Error(`the hold was answered ${status}`)
  }
  system.breakers.get('model')
  const { reviews } = assembleGovernance(system)
  const [dlq, rounds, escalations] = [[] as object[], [] as object[], [] as object[]]
  for (const number of OF_EACH) {
    const { rows } = await system.database.query<{ dlq_id: bigint }>(
      `INSERT INTO dlq_messages (tenant_id, message_id, original_subject, source_stream, source_seq, consumer, payload,
                                 error, error_code, fingerprint, attempts)
       VALUES ($1, $2, 'tasks.completed', 'TASKS', $3, 'hub', '{}', 'task t not found', 'NOT_FOUND', $2, 5)
       RETURNING dlq_id`,
      [TENANT, `walked-${number}`, Number(number)],
    )
    dlq.push({ id: String(rows[0]?.dlq_id), fingerprint: `walked-${number}` })
    const review = {
      tenantId: TENANT,
      subjectId: `walked/${number}`,
      round: 1,
      contentHash: `hash-${number}`,
      authorId: 'developer-1',
      reviewers: [
        { agentId: 'admin-of-acme', role: 'reviewer', weightMilli: 1000, kind: 'human' },
        { agentId: 'security-1', role: 'security', weightMilli: 1000 },
        { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
      ],
    } as const
    await reviews.open(review)
    rounds.push({ id: reviewIdOf(review), content_hash: review.contentHash })
    const { escalation } = await system.database.transaction((tx) =>
      system.escalations.report(
        {
          tenantId: TENANT,
          subject: { kind: 'breaker', id: `walked-${number}` },
          reason: 'stuck-open',
          evidence: {},
        },
        { tx },
      ),
    )
    escalations.push({ id: escalation.escalationId })
  }
  return {
    tasks: tasks.map((id) => ({ id, task_id: id, project_id: 'coding-tasks' })),
    commit: holds[0],
    release: holds[1],
    request: holds,
    dlq,
    reviews: rounds,
    escalations,
    'circuit-breakers': { name: 'model' },
    prompts: { role: 'developer', version: 1 },
  }
}
