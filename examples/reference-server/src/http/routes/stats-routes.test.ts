import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'

/** The names that dashboards know of what a gateway does. */
const METRIC_NAMES = [
  'rbac_permission_denied_total',
  'circuit_breaker_state',
  'idempotency_cache_hits_total',
  'budget_errors_total',
]
let server: AssembledServer
let token = ''

beforeAll(async () => {
  server = await startAssembledServer()
  token = await server.tokenOf('operator', 'globex')
}, SLOW_START_MS)
afterAll(() => server.stop())

describe('figures', () => {
  it('of a tenant that has nothing are all there, and nothing', async () => {
    const observer = await server.tokenOf('observer', 'globex')
    const { status, body } = await server.call('GET', '/stats', { token: observer })
    expect([status, body]).toEqual([
      200,
      {
        tasks: { by_status: {} },
        escalations: { open: 0 },
        dlq: { unresolved: 0 },
        budgets: { reserved: 0, used: 0, money: [] },
        breakers: { open: 0 },
      },
    ])
  })

  it('tell of budgets, and of those of projects alone', async () => {
    const limit = (body: object): Promise<unknown> =>
      server.call('PUT', '/api/v1/budget/limits', { token, body: { limit_tokens: 100, ...body } })
    await limit({ project_id: 'p' })
    await limit({ project_id: 'p', task_id: 't' })
    const address = { project_id: 'p', task_id: 't' }
    const post = (act: string, body: object): Promise<unknown> =>
      server.call('POST', `/api/v1/budget/${act}`, { token, body })
    await post('request', { request_id: 'a', ...address, tokens: 10 })
    await post('request', { request_id: 'b', ...address, tokens: 20 })
    await post('commit', { request_id: 'b', usage: { total_tokens: 15 } })
    const { body } = await server.call('GET', '/stats', { token })
    expect(body?.budgets).toEqual({ reserved: 10, used: 15, money: [] })
    await post('release', { request_id: 'a' })
    // Each test finds the tenant as it knows it.
    await server.system.budgets.adjust({
      adjustmentId: 'undo',
      tokens: -15,
      reason: 'a test',
      actor: { id: 't', kind: 'service' },
      scope: { tenantId: 'globex', projectId: 'p', taskId: 't' },
    })
  })

  it('asked for by many at once are the same for all', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.call('GET', '/stats', { token })),
    )
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  })

  it('are not for whoever is anonymous', async () => {
    expect((await server.call('GET', '/stats')).status).toBe(401)
    const anonymous = await server.tokenOf('anonymous')
    expect((await server.call('GET', '/stats', { token: anonymous })).status).toBe(403)
  })
})

describe('metrics', () => {
  it.each(METRIC_NAMES)('tell of %s from the start', async (name) => {
    const { text } = await server.call('GET', '/metrics', { token: await server.tokenOf('observer') })
    expect(text).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge)$`, 'm'))
  })

  it('are of the whole system, and so for the home tenant alone', async () => {
    const observer = await server.call('GET', '/metrics', { token: await server.tokenOf('observer') })
    expect(observer.status).toBe(200)
    // What is of the system is nobody's own: it is read by all of the home tenant who may read tasks.
    const developer = await server.call('GET', '/metrics', { token: await server.tokenOf('developer') })
    expect(developer.status).toBe(200)
    const stranger = await server.call('GET', '/metrics', { token: await server.tokenOf('admin', 'globex') })
    expect([stranger.status, stranger.body?.error_code]).toEqual([403, 'PERMISSION_DENIED'])
  })
})
