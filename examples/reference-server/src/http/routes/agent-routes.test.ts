import { SqlAuditLog } from '@golden-arch/core/audit'
import { GoldenError } from '@golden-arch/core/errors'
import type { HumanRole } from '@golden-arch/core/security'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { type AgentAddress, type AgentDirectory, addAgentRoutes, type ListedAgent } from './agent-routes.ts'

const PATH = '/api/v1/agents'
const updatedAt = new Date('2026-03-01T12:00:00Z')

class AgentError extends GoldenError<'AGENT_NOT_FOUND'> {}

/** Agents of the tenant acme alone, in memory. */
class Agents implements AgentDirectory {
  readonly #agents = new Map<string, ListedAgent>()

  constructor(...agents: readonly Pick<ListedAgent, 'agentId' | 'role' | 'status'>[]) {
    const more = { tenantId: 'acme', currentTaskId: null, model: 'gpt', heartbeatAt: null, updatedAt }
    for (const one of agents) this.#agents.set(one.agentId, { ...more, ...one })
  }

  list: AgentDirectory['list'] = async ({ tenantId, role, status }) => ({
    items: [...this.#agents.values()].filter(
      (one) =>
        one.tenantId === tenantId && one.role === (role ?? one.role) && one.status === (status ?? one.status),
    ),
    nextCursor: null,
  })

  get: AgentDirectory['get'] = async ({ tenantId, agentId }) => {
    const agent = this.#agents.get(agentId)
    if (agent?.tenantId === tenantId) return agent
    throw new AgentError({ code: 'AGENT_NOT_FOUND', message: 'no such agent', details: { agentId } })
  }

  enable: AgentDirectory['enable'] = (key) => this.#set(key, 'idle')
  disable: AgentDirectory['disable'] = (key) => this.#set(key, 'disabled')

  async #set(key: AgentAddress, status: ListedAgent['status']): Promise<ListedAgent> {
    const agent = { ...(await this.get(key)), status }
    this.#agents.set(key.agentId, agent)
    return agent
  }
}

let server: AssembledServer
let stop: () => Promise<void>

beforeAll(async () => {
  const database = await openServerDatabase()
  const agents = new Agents(
    { agentId: 'developer-1', role: 'developer', status: 'working' },
    { agentId: 'tester 1/a', role: 'tester', status: 'idle' },
  )
  server = await startAssembledServer({
    database,
    addRoutes: (app) => addAgentRoutes(app, { agents, database, audit: new SqlAuditLog() }),
  })
  stop = async () => {
    await server.stop()
    await database.close()
  }
}, SLOW_START_MS)
afterAll(() => stop())

const as = async (role: HumanRole, method: string, path: string): Promise<Answer> =>
  server.call(method, path, { token: await server.tokenOf(role) })

describe('agents over HTTP', () => {
  it('are listed by role and status, and shown', async () => {
    const { body } = await as('observer', 'GET', PATH)
    expect(body).toMatchObject({ agents: [{ id: 'developer-1' }, { id: 'tester 1/a' }], next_cursor: null })
    expect((await as('observer', 'GET', `${PATH}?role=developer`)).body?.agents).toHaveLength(1)
    expect((await as('observer', 'GET', `${PATH}?status=disabled&role=developer`)).body?.agents).toHaveLength(
      0,
    )
    expect((await as('observer', 'GET', `${PATH}/developer-1`)).body).toEqual({
      id: 'developer-1',
      role: 'developer',
      status: 'working',
      current_task_id: null,
      model: 'gpt',
      heartbeat_at: null,
      updated_at: '2026-03-01T12:00:00.000Z',
    })
  })

  it('are disabled and enabled by people who may, on record', async () => {
    const path = `${PATH}/tester%201%2Fa`
    expect((await as('operator', 'POST', `${path}/disable`)).body).toMatchObject({ status: 'disabled' })
    expect((await as('operator', 'POST', `${path}/enable`)).body).toMatchObject({ status: 'idle' })
    const { rows } = await server.system.database.query(
      `SELECT actor, action, resource FROM audit_log WHERE action LIKE 'agent.%' ORDER BY entry_id`,
    )
    const facts = { actor: 'operator-of-acme', resource: 'agent/tester 1/a' }
    expect(rows).toEqual([
      { ...facts, action: 'agent.disable' },
      { ...facts, action: 'agent.enable' },
    ])
  })

  it.each([
    ['admin', 'GET', '?role=janitor', 422],
    ['admin', 'GET', '?limit=0', 422],
    ['admin', 'GET', '/none', 404],
    ['admin', 'POST', '/none/disable', 404],
    ['developer', 'POST', '/developer-1/disable', 403],
    ['observer', 'POST', '/developer-1/enable', 403],
    ['anonymous', 'GET', '', 403],
  ] as const)('%s %s %s is answered %i', async (role, method, path, status) => {
    expect((await as(role, method, `${PATH}${path}`)).status).toBe(status)
  })

  it('of another tenant are not there', async () => {
    const token = await server.tokenOf('admin', 'globex')
    expect((await server.call('GET', PATH, { token })).body).toMatchObject({ agents: [] })
    for (const [method, path] of [
      ['GET', 'developer-1'],
      ['POST', 'developer-1/disable'],
      ['POST', 'developer-1/enable'],
    ] as const) {
      const foreign = await server.call(method, `${PATH}/${path}`, { token })
      expect([foreign.status, foreign.body?.error_code]).toEqual([404, 'AGENT_NOT_FOUND'])
    }
    expect((await as('observer', 'GET', `${PATH}/developer-1`)).body).toMatchObject({ status: 'working' })
  })
})
