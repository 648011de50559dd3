import { type EffectKey, EffectLedger } from '@golden-arch/core/tasks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addingTask } from '../../stories/testing/adding.ts'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'

let server: AssembledServer
let admin: string
let stranger: string

beforeAll(async () => {
  server = await startAssembledServer()
  admin = await server.tokenOf('admin')
  stranger = await server.tokenOf('admin', 'globex')
  for (const id of ['kept', 'dropped']) {
    await server.call('POST', '/api/v1/tasks', { token: admin, body: addingTask(id) })
  }
  await server.call('POST', '/api/v1/tasks/dropped/cancel', { token: admin })
  for (const scope of [
    { project_id: 'fares' },
    { project_id: 'fares', task_id: 'sundays' },
    { project_id: 'fares', task_id: 'weekdays' },
  ]) {
    await server.call('PUT', '/api/v1/budget/limits', {
      token: admin,
      body: { ...scope, limit_tokens: 5000 },
    })
  }
  const hold = { request_id: 'call', project_id: 'fares', task_id: 'sundays', tokens: 500 }
  await server.call('POST', '/api/v1/budget/request', { token: admin, body: hold })
  const usage = { total_tokens: 300 }
  await server.call('POST', '/api/v1/budget/commit', { token: admin, body: { request_id: 'call', usage } })
}, SLOW_START_MS)
afterAll(() => server?.stop())

interface Stretch {
  readonly starts_at: string
  readonly created: number
  readonly cancelled: number
  readonly open: number
  readonly tokens: number
}

async function stretchesFor(token: string, query = ''): Promise<readonly Stretch[]> {
  const { status, body } = await server.call('GET', `/api/v1/activity${query}`, { token })
  expect(status).toBe(200)
  // As the status says, there are stretches.
  return body?.stretches as Stretch[]
}

/** However long the test takes, what it did is in one of the stretches. */
function sum(stretches: readonly Stretch[], name: 'created' | 'cancelled' | 'tokens'): number {
  return stretches.reduce((total, stretch) => total + stretch[name], 0)
}

describe('what happened of late', () => {
  it.each(['', '?hours=168'])('is told in 48 stretches, the last of which holds now: %s', async (query) => {
    const stretches = await stretchesFor(admin, query)
    expect(stretches).toHaveLength(48)
    expect([sum(stretches, 'created'), sum(stretches, 'cancelled')]).toEqual([2, 1])
    expect(sum(stretches, 'tokens')).toBe(300)
    expect(stretches.at(-1)?.open).toBe(1)
    expect(stretches[0]?.open).toBe(0)
  })

  it('says nothing of shares where nothing ended', async () => {
    const { body } = await server.call('GET', '/api/v1/activity', { token: admin })
    expect(body).toMatchObject({ completion_share: null, review_p95_ms: null, sandbox_timeout_share: null })
  })

  it("is nobody else's; tests that ran out of time are counted, and each currency by itself", async () => {
    const none = await stretchesFor(stranger)
    expect([sum(none, 'created'), sum(none, 'tokens'), none.at(-1)?.open]).toEqual([0, 0, 0])
    const tenantId = 'globex'
    const { database } = server.system
    await database.query(
      `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, created_by)
       VALUES ($1, 'tested', 'p', 'tested', 'root', 'x', 'test')`,
      [tenantId],
    )
    const step = async (name: string, state: string, result: unknown, error: unknown): Promise<unknown> =>
      database.query(
        `INSERT INTO task_steps (tenant_id, task_id, step_id, service, kind, max_runs, timeout_ms, state, request, result, error, ended_at)
         VALUES ($1, 'tested', $2, 'sandbox-executor', 'test', 5, 1000, $3, '{}', $4::jsonb, $5::jsonb, clock_timestamp())`,
        [
          tenantId,
          name,
          state,
          result === null ? null : JSON.stringify(result),
          error === null ? null : JSON.stringify(error),
        ],
      )
    await step('test:1', 'done', { total: 6, passed: 3, timedOut: 2 }, null)
    await step('test:2', 'done', { total: 2, passed: 2 }, null)
    await step('test:3', 'failed', null, { message: 'the runtime has gone' })
    await database.query(
      `INSERT INTO budget_transactions (tenant_id, kind, from_account, to_account, tokens, micros, currency, budget_path, at)
       SELECT $1, 'committed', 'reserved', 'used', 10, micros, currency, '{1}', clock_timestamp()
         FROM (VALUES (70, 'USD'), (5, 'EUR'), (30, 'USD'), (0, NULL)) AS v (micros, currency)`,
      [tenantId],
    )
    const { body } = await server.call('GET', '/api/v1/activity', { token: stranger })
    const stretches = (body?.stretches ?? []) as { tokens: number; costs: unknown[] }[]
    const last = stretches.findLast(({ tokens }) => tokens > 0)
    expect([body?.sandbox_timeout_share, last?.tokens, last?.costs]).toEqual([
      0.25,
      40,
      [
        { currency: 'EUR', micros: 5 },
        { currency: 'USD', micros: 100 },
      ],
    ])
  })

  it.each(['0', '169', 'all'])('is not told of %s hours', async (hours) => {
    expect((await server.call('GET', `/api/v1/activity?hours=${hours}`, { token: admin })).status).toBe(422)
  })
})

describe('the budgets below another', () => {
  it('are those of projects, then those of tasks within one, as they stand', async () => {
    const all = await server.call('GET', '/api/v1/budget/children', { token: admin })
    expect(all.body).toMatchObject({
      budgets: expect.arrayContaining([
        expect.objectContaining({ level: 'project', used: 300, limit: 5000 }),
      ]),
      next_cursor: null,
    })
    const within = await server.call('GET', '/api/v1/budget/children?project_id=fares', { token: admin })
    expect(within.body).toMatchObject({
      budgets: [
        { level: 'task', scope: { project_id: 'fares', task_id: 'weekdays' }, used: 0, limit: 5000 },
        { level: 'task', scope: { project_id: 'fares', task_id: 'sundays' }, used: 300, limit: 5000 },
      ],
      next_cursor: null,
    })
  })

  it('come as many at a time as is asked for', async () => {
    const path = '/api/v1/budget/children?project_id=fares&limit=1'
    const { body: first } = await server.call('GET', path, { token: admin })
    expect(first).toMatchObject({
      budgets: [{ scope: { task_id: 'weekdays' } }],
      next_cursor: expect.any(String),
    })
    const rest = await server.call('GET', `${path}&cursor=${String(first?.next_cursor)}`, { token: admin })
    expect(rest.body).toMatchObject({ budgets: [{ scope: { task_id: 'sundays' } }], next_cursor: null })
    expect((await server.call('GET', `${path}&cursor=none`, { token: admin })).status).toBe(422)
  })

  it("are not another tenant's", async () => {
    const { body } = await server.call('GET', '/api/v1/budget/children?project_id=fares', { token: stranger })
    expect(body).toEqual({ budgets: [], next_cursor: null })
  })
})

describe('what was done for a task', () => {
  it('is nothing while nobody works on it', async () => {
    const { status, body } = await server.call('GET', '/api/v1/tasks/kept/work', { token: admin })
    expect([status, body]).toEqual([200, { steps: [], calls: [], fixes: [] }])
  })

  it('names the model of a call that has ended, also where it has no price', async () => {
    const { database } = server.system
    await database.query(
      `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, created_by)
       VALUES ('acme', 'asked', 'p', 'asked', 'root', 'x', 'test')`,
    )
    const effects = new EffectLedger({ database })
    const call = (effectId: string): EffectKey => ({ tenantId: 'acme', taskId: 'asked', effectId })
    await effects.intend(call('1'))
    await effects.finish(call('1'), { kind: 'answered', text: 'x', model: 'local/small', promptVersion: 1 })
    await effects.intend(call('2'))
    const { body } = await server.call('GET', '/api/v1/tasks/asked/work', { token: admin })
    expect(body?.calls).toMatchObject([
      { id: '1', state: 'done', model: 'local/small', cost: null },
      { id: '2', state: 'intended', model: null },
    ])
  })

  it('is not told to another tenant', async () => {
    const { status, body } = await server.call('GET', '/api/v1/tasks/kept/work', { token: stranger })
    expect([status, body?.error_code]).toEqual([404, 'TASK_NOT_FOUND'])
  })
})
