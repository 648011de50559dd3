import type { HumanRole } from '@golden-arch/core/security'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

const PATH = '/api/v1/agents'

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer()
  const { agents } = server.system
  const tenantId = 'acme'
  await agents.register({ tenantId, agentId: 'developer-1', role: 'developer', model: 'gpt' })
  await agents.register({ tenantId, agentId: 'tester 1/a', role: 'tester' })
}, SLOW_START_MS)
afterAll(() => server.stop())

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
      status: 'idle',
      current_task_id: null,
      model: 'gpt',
      heartbeat_at: null,
      updated_at: expect.stringMatching(/^\d{4}-.*Z$/),
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

  it('stay as they are where it cannot be written down', async () => {
    const { database } = server.system
    await database.query(
      `ALTER TABLE audit_log ADD CONSTRAINT none_of_it CHECK (resource <> 'agent/developer-1') NOT VALID`,
    )
    expect((await as('operator', 'POST', `${PATH}/developer-1/disable`)).status).toBe(500)
    await database.query('ALTER TABLE audit_log DROP CONSTRAINT none_of_it')
    expect((await as('observer', 'GET', `${PATH}/developer-1`)).body).toMatchObject({ status: 'idle' })
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
    expect((await as('observer', 'GET', `${PATH}/developer-1`)).body).toMatchObject({ status: 'idle' })
  })
})
