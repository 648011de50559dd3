import type { AssembledServer } from '../assembled-server.ts'
import { practicalTask } from './practical-task.ts'
import { prepareEscalations } from './prepare-escalations.ts'
import { preparePrompts } from './prepare-prompts.ts'
import { prepareReviews } from './prepare-reviews.ts'
import type { PreparedRequests } from './prepared-request.ts'

const PROJECT = 'coding-tasks'
const BOTH = ['/api/v1/tasks', '/tasks'] as const

/**
 * A good request for every operation that needs something to be there first: an open dead letter, a proposal that waits, a
 * task that goes on, a session to end. What one of them uses up, no other needs.
 */
export async function prepareRequests(server: AssembledServer): Promise<PreparedRequests> {
  return {
    ...(await prepareTasks(server)),
    ...(await prepareSessions(server)),
    ...(await prepareBudget(server)),
    ...(await prepareAgents(server)),
    ...(await prepareDeadLetters(server)),
    'GET /api/v1/ws': { opensSocket: true },
    ...prepareBreakers(server),
    ...(await prepareReviews(server)),
    ...(await prepareEscalations(server)),
    ...(await preparePrompts(server)),
  }
}

async function prepareTasks(server: AssembledServer): Promise<PreparedRequests> {
  const token = await server.tokenOf('admin')
  const requests: Record<string, object> = {}
  for (const [index, path] of BOTH.entries()) {
    const [shown, ended] = [`shown-${index}`, `ended-${index}`]
    for (const id of [shown, ended]) {
      const { status } = await server.call('POST', path, { token, body: { ...practicalTask(), id } })
      if (status !== 202) throw new Error(`the task was answered ${status}`)
    }
    requests[`POST ${path}`] = { body: { ...practicalTask(), id: `new-${index}` } }
    requests[`GET ${path}/{id}`] = { path: { id: shown } }
    requests[`GET ${path}/{id}/events`] = { path: { id: shown } }
    requests[`POST ${path}/{id}/cancel`] = { path: { id: ended } }
  }
  return requests
}

async function prepareSessions(server: AssembledServer): Promise<PreparedRequests> {
  const body = { username: 'observer@acme', password: server.password }
  const session = async (): Promise<object> => {
    const { body: opened } = await server.call('POST', '/api/v1/auth/login', { body })
    return { refresh_token: opened?.refresh_token }
  }
  return {
    'POST /api/v1/auth/login': { body },
    'POST /api/v1/auth/refresh': { body: await session() },
    'POST /api/v1/auth/logout': { body: await session() },
  }
}

async function prepareBudget(server: AssembledServer): Promise<PreparedRequests> {
  const token = await server.tokenOf('admin')
  const hold = async (request_id: string): Promise<object> => {
    const body = { request_id, project_id: PROJECT, tokens: 10 }
    const { status } = await server.call('POST', '/api/v1/budget/request', { token, body })
    if (status !== 200) throw new Error(`the hold was answered ${status}`)
    return { request_id }
  }
  return {
    'POST /api/v1/budget/request': { body: { request_id: 'new-hold', project_id: PROJECT, tokens: 10 } },
    'POST /api/v1/budget/commit': { body: await hold('to-commit') },
    'POST /api/v1/budget/release': { body: await hold('to-release') },
    'PUT /api/v1/budget/limits': { body: { project_id: PROJECT, limit_tokens: 900_000, reason: 'enough' } },
    'GET /api/v1/budget/state': { query: { project_id: PROJECT } },
    'GET /api/v1/budget/forecast': { query: { project_id: PROJECT } },
  }
}

async function prepareAgents({ system }: AssembledServer): Promise<PreparedRequests> {
  await system.agents.register({ tenantId: 'acme', agentId: 'walked-agent', role: 'developer' })
  const one = { path: { id: 'walked-agent' } }
  return {
    'GET /api/v1/agents/{id}': one,
    'POST /api/v1/agents/{id}/disable': one,
    'POST /api/v1/agents/{id}/enable': one,
  }
}

async function prepareDeadLetters({ system }: AssembledServer): Promise<PreparedRequests> {
  const ids: Record<string, string> = {}
  for (const [index, name] of ['shown', 'resolved', 'grouped', 'redriven'].entries()) {
    const { rows } = await system.database.query<{ dlq_id: bigint }>(
      `INSERT INTO dlq_messages (tenant_id, message_id, original_subject, source_stream, source_seq, consumer, payload,
                                 error, error_code, fingerprint, attempts)
       VALUES ('acme', $1, 'task.created', 'TASKS', $2, 'orchestrator', '{}', 'cannot be read', 'UNREADABLE', $1, 5)
       RETURNING dlq_id`,
      [`${name}-letter`, 1000 + index],
    )
    ids[name] = String(rows[0]?.dlq_id)
  }
  return {
    'GET /api/v1/dlq/{id}': { path: { id: String(ids.shown) } },
    'POST /api/v1/dlq/{id}/resolve': { path: { id: String(ids.resolved) }, body: { note: 'not needed' } },
    'POST /api/v1/dlq/groups/{fingerprint}/resolve': { path: { fingerprint: 'grouped-letter' } },
    'POST /api/v1/dlq/redrive': { body: { ids: [ids.redriven] } },
  }
}

function prepareBreakers({ system }: AssembledServer): PreparedRequests {
  system.breakers.get('model')
  const path = { name: 'model' }
  return {
    'POST /api/v1/circuit-breakers/{name}/force': { path, body: { state: 'open', reason: 'it is repaired' } },
    'POST /api/v1/circuit-breakers/{name}/reset': { path },
  }
}
