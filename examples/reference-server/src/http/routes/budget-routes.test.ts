import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

let server: AssembledServer
let token = ''
let operator = ''
let projects = 0

beforeAll(async () => {
  server = await startAssembledServer()
  token = await server.tokenOf('developer')
  operator = await server.tokenOf('operator')
}, SLOW_START_MS)
afterAll(() => server.stop())

const post = (act: string, body: unknown, as = token): Promise<Answer> =>
  server.call('POST', `/api/v1/budget/${act}`, { token: as, body })
const limit = (body: unknown, as = operator): Promise<Answer> =>
  server.call('PUT', '/api/v1/budget/limits', { token: as, body })
const state = (query: string, as = token): Promise<Answer> =>
  server.call('GET', `/api/v1/budget/state?${query}`, { token: as })

/** A project of a test's own, of 100 tokens. */
async function newProject(changes: object = {}): Promise<string> {
  const project = `project-${++projects}`
  const { status } = await limit({ project_id: project, limit_tokens: 100, ...changes })
  expect(status).toBe(200)
  return project
}

describe('a call over HTTP', () => {
  it('is held, charged with what it used, and the rest is there again', async () => {
    const project = await newProject()
    const held = await post('request', { request_id: 'call-1', project_id: project, tokens: 60 })
    expect([held.status, held.body]).toMatchObject([
      200,
      {
        status: 'granted',
        is_replay: false,
        reservation: {
          request_id: 'call-1',
          scope: { project_id: project, task_id: null },
          status: 'held',
          tokens: 60,
          ttl_ms: 120_000,
          charged: null,
        },
      },
    ])
    expect((await state(`project_id=${project}`)).body).toMatchObject({
      used: 0,
      reserved: 60,
      available: 40,
    })
    const settled = await post('commit', { request_id: 'call-1', usage: { total_tokens: 25 } })
    expect(settled.body).toMatchObject({
      is_replay: false,
      reservation: { status: 'committed', charged: { tokens: 25, basis: 'actual', overrun_tokens: 0 } },
    })
    expect((await state(`project_id=${project}`)).body).toMatchObject({
      used: 25,
      reserved: 0,
      available: 75,
    })
  })

  it('that was never sent gives its hold back', async () => {
    const project = await newProject()
    await post('request', { request_id: 'unsent', project_id: project, tokens: 60 })
    const released = await post('release', { request_id: 'unsent' })
    expect(released.body).toMatchObject({ is_replay: false, reservation: { status: 'released' } })
    expect((await post('release', { request_id: 'unsent' })).body).toMatchObject({ is_replay: true })
    expect((await state(`project_id=${project}`)).body).toMatchObject({ used: 0, reserved: 0 })
  })

  it('whose usage nobody knows is charged as it was held, and marked so', async () => {
    const project = await newProject()
    await post('request', { request_id: 'unknown', project_id: project, tokens: 60 })
    const { body } = await post('commit', { request_id: 'unknown' })
    expect(body).toMatchObject({ reservation: { charged: { tokens: 60, basis: 'estimate' } } })
  })

  it('may tell its usage in parts', async () => {
    const project = await newProject()
    await post('request', { request_id: 'in parts', project_id: project, tokens: 60 })
    const usage = { input_tokens: 20, cached_read_tokens: 5, output_tokens: 10 }
    const { body } = await post('commit', { request_id: 'in parts', usage })
    expect(body).toMatchObject({ reservation: { charged: { tokens: 30, basis: 'actual' } } })
  })

  it('counts in its task and in its tenant too', async () => {
    const project = await newProject({ task_id: 'narrow', limit_tokens: 50 })
    const address = { project_id: project, task_id: 'narrow' }
    await post('request', { request_id: 'narrow', ...address, tokens: 30 })
    expect((await state(`project_id=${project}&task_id=narrow`)).body).toMatchObject({
      level: 'task',
      reserved: 30,
    })
    const { body } = await post('request', { request_id: 'too much', ...address, tokens: 30 })
    expect(body).toMatchObject({ status: 'denied', level: 'task', scope: { task_id: 'narrow' } })
  })
})

describe('a repetition', () => {
  it('of a request is answered by the first hold, also after it was settled', async () => {
    const project = await newProject()
    const body = { request_id: 'twice', project_id: project, tokens: 60 }
    await post('request', body)
    expect((await post('request', body)).body).toMatchObject({ status: 'granted', is_replay: true })
    await post('commit', { request_id: 'twice', usage: { total_tokens: 7 } })
    const again = await post('commit', { request_id: 'twice', usage: { total_tokens: 7 } })
    expect(again.body).toMatchObject({ is_replay: true, reservation: { charged: { tokens: 7 } } })
    expect((await post('request', body)).body).toMatchObject({
      is_replay: true,
      reservation: { status: 'committed' },
    })
    expect((await state(`project_id=${project}`)).body).toMatchObject({ used: 7, reserved: 0 })
  })

  it('that comes while the first is under way holds nothing more', async () => {
    const project = await newProject()
    const body = { request_id: 'at once', project_id: project, tokens: 60 }
    const answers = await Promise.all([post('request', body), post('request', body), post('request', body)])
    expect(answers.map((answer) => [answer.status, answer.body?.status])).toEqual(
      answers.map(() => [200, 'granted']),
    )
    expect(answers.filter((answer) => answer.body?.is_replay === false)).toHaveLength(1)
    expect((await state(`project_id=${project}`)).body).toMatchObject({ reserved: 60 })
  })

  it('with something else under the same id is refused, and says in what it differs', async () => {
    const project = await newProject()
    await post('request', { request_id: 'changed', project_id: project, tokens: 60 })
    const other = await post('request', { request_id: 'changed', project_id: project, tokens: 61 })
    expect([other.status, other.body]).toMatchObject([
      409,
      { error_code: 'REQUEST_CONFLICT', details: { field: 'tokens' } },
    ])
    await post('commit', { request_id: 'changed', usage: { total_tokens: 1 } })
    const usage = await post('commit', { request_id: 'changed', usage: { total_tokens: 2 } })
    expect([usage.status, usage.body?.error_code]).toEqual([409, 'RESERVATION_SETTLED'])
  })
})

describe('a hold', () => {
  it('is settled by whoever made it alone, whose names for holds are nobody else’s', async () => {
    const project = await newProject()
    const body = { request_id: 'mine', project_id: project, tokens: 60 }
    await post('request', body)
    for (const act of ['commit', 'release']) {
      const { status, body: answer } = await post(act, { request_id: 'mine' }, operator)
      expect([status, answer?.error_code, answer?.details]).toEqual([
        404,
        'RESERVATION_NOT_FOUND',
        { requestId: 'mine' },
      ])
    }
    const other = await post('request', { ...body, tokens: 7 }, operator)
    expect(other.body).toMatchObject({ is_replay: false, reservation: { request_id: 'mine', tokens: 7 } })
    expect((await post('release', { request_id: 'mine' })).body).toMatchObject({
      reservation: { request_id: 'mine', tokens: 60, status: 'released' },
    })
    expect((await state(`project_id=${project}`)).body).toMatchObject({ used: 0, reserved: 7 })
  })

  it('of another is settled by those who manage budgets, who say whose it is', async () => {
    const project = await newProject()
    const mine = { request_id: 'stuck', held_by: 'developer-of-acme' }
    await post('request', { request_id: 'stuck', project_id: project, tokens: 60 })
    await post('request', { request_id: 'of the operator', project_id: project, tokens: 1 }, operator)
    for (const act of ['commit', 'release']) {
      const body = { request_id: 'of the operator', held_by: 'operator-of-acme' }
      const refused = await post(act, body)
      expect([refused.status, refused.body?.error_code]).toEqual([403, 'PERMISSION_DENIED'])
    }
    const settled = await post('commit', { ...mine, usage: { total_tokens: 2 } }, operator)
    expect([settled.status, settled.body]).toMatchObject([
      200,
      { reservation: { request_id: 'stuck', charged: { tokens: 2 } } },
    ])
    const again = await post('release', mine)
    expect([again.status, again.body?.error_code]).toEqual([409, 'RESERVATION_SETTLED'])
  })

  it('of an agent at work is settled by nobody over HTTP', async () => {
    const project = await newProject()
    const requestId = 'task-1|generate|1|1'
    const address = { tenantId: 'acme', projectId: project, agentId: 'developer-1' }
    await server.system.budgets.requestTokens({ ...address, requestId, tokens: 60 })
    for (const body of [{ request_id: requestId }, { request_id: requestId, held_by: 'developer-1' }]) {
      for (const act of ['commit', 'release']) expect((await post(act, body, operator)).status).toBe(404)
    }
    expect((await state(`project_id=${project}`)).body).toMatchObject({ used: 0, reserved: 60 })
  })
})

describe('a budget without room', () => {
  it('is an answer that says which, how much is left and why', async () => {
    const project = await newProject()
    const denied = await post('request', { request_id: 'much', project_id: project, tokens: 101 })
    expect([denied.status, denied.body]).toEqual([
      200,
      {
        status: 'denied',
        reason: 'the budget of the project has no room in tokens',
        level: 'project',
        scope: { project_id: project, task_id: null, agent_id: null },
        unit: 'tokens',
        available_tokens: 100,
        limit_tokens: 100,
        available_money: null,
        limit_money: null,
        resets_at: null,
      },
    ])
  })

  it('holds once, of two calls at once for the last of it', async () => {
    const project = await newProject()
    const answers = await Promise.all(
      ['left', 'right'].map((id) => post('request', { request_id: id, project_id: project, tokens: 60 })),
    )
    expect(answers.map(({ body }) => body?.status).toSorted()).toEqual(['denied', 'granted'])
  })

  it('is decided anew when it is asked again', async () => {
    const project = await newProject()
    const body = { request_id: 'later', project_id: project, tokens: 101 }
    expect((await post('request', body)).body).toMatchObject({ status: 'denied' })
    await limit({ project_id: project, limit_tokens: 200 })
    expect((await post('request', body)).body).toMatchObject({ status: 'granted', is_replay: false })
  })

  it('tells of money in whole micro-units', async () => {
    const project = await newProject({ limit_money: { currency: 'USD', micros: 1_000_000 } })
    const cost = { currency: 'USD', micros: 1_000_001 }
    const body = { request_id: 'dear', project_id: project, tokens: 1 }
    expect((await post('request', { ...body, cost })).body).toMatchObject({
      status: 'denied',
      unit: 'money',
      available_money: { currency: 'USD', micros: 1_000_000 },
    })
    const priceless = await post('request', body)
    expect([priceless.status, priceless.body?.error_code]).toEqual([422, 'PRICE_REQUIRED'])
    const euros = await post('request', { ...body, cost: { currency: 'EUR', micros: 1 } })
    expect([euros.status, euros.body?.error_code]).toEqual([409, 'CURRENCY_MISMATCH'])
    await post('request', { ...body, cost: { currency: 'USD', micros: 400_000 } })
    await post('commit', {
      request_id: 'dear',
      usage: { total_tokens: 1, cost: { currency: 'USD', micros: 300_000 } },
    })
    expect((await state(`project_id=${project}`)).body?.money).toEqual({
      limit: { currency: 'USD', micros: 1_000_000 },
      used: { currency: 'USD', micros: 300_000 },
      reserved: { currency: 'USD', micros: 0 },
      available: { currency: 'USD', micros: 700_000 },
    })
  })
})

describe('limits', () => {
  it.each([
    ['a project', { project_id: 'levels' }, 'project_id=levels'],
    ['a task', { project_id: 'levels', task_id: 't' }, 'project_id=levels&task_id=t'],
    ['an agent', { project_id: 'levels', agent_id: 'a' }, 'project_id=levels&agent_id=a'],
  ])('are set for %s', async (_level, scope, query) => {
    const set = await limit(
      { ...scope, limit_tokens: 10_000_000 },
      await server.tokenOf('operator', 'globex'),
    )
    expect([set.status, set.body]).toMatchObject([
      200,
      { is_new: true, previous_limit_tokens: null, state: { limit: 10_000_000 } },
    ])
    const read = await state(query, await server.tokenOf('observer', 'globex'))
    expect(read.body).toMatchObject({ limit: 10_000_000, used: 0 })
  })

  it('keep what is left out, and say what they were', async () => {
    const project = await newProject({
      period: { kind: 'day', time_zone: 'Europe/Berlin' },
      soft_limit_percents: [50, 90],
    })
    const changed = await limit({ project_id: project, limit_tokens: null, reason: 'a test' })
    expect(changed.body).toMatchObject({
      is_new: false,
      previous_limit_tokens: 100,
      state: {
        limit: null,
        available: null,
        soft_limit_percents: [50, 90],
        period: { kind: 'day', time_zone: 'Europe/Berlin', ends_at: expect.any(String) },
      },
    })
  })

  it('stand in the audit log, with who set them and in which call', async () => {
    const project = await newProject()
    const { headers } = await limit({ project_id: project, limit_tokens: 7, reason: 'on record' })
    const { body } = await server.call('GET', '/api/v1/audit?action=budget.setLimit&limit=1', {
      token: operator,
    })
    expect(body?.entries).toMatchObject([
      {
        actor: { id: 'operator-of-acme', kind: 'human' },
        request_id: headers.get('x-request-id'),
        outcome: 'allowed',
        details: { limitTokens: 7, previousLimitTokens: 100, reason: 'on record' },
      },
    ])
  })

  it('are not for a developer, nor for an observer', async () => {
    for (const role of ['developer', 'observer'] as const) {
      const refused = await limit({ project_id: 'any', limit_tokens: 1 }, await server.tokenOf(role))
      expect([refused.status, refused.body?.error_code]).toEqual([403, 'PERMISSION_DENIED'])
    }
  })

  it('are listed by project, page by page, without those of tasks', async () => {
    const as = await server.tokenOf('admin', 'globex')
    const names = ['a project', 'ein Projekt mit ü', 'z']
    for (const project_id of names) await limit({ project_id, limit_tokens: 5 }, as)
    await limit({ project_id: 'z', task_id: 't', limit_tokens: 5 }, as)
    const read: string[] = []
    for (let cursor: unknown = ''; cursor !== null; ) {
      const query = cursor === '' ? '' : `&cursor=${String(cursor)}`
      const { body } = await server.call('GET', `/api/v1/budget/limits?limit=1${query}`, { token: as })
      read.push(...((body?.limits ?? []) as { project_id: string }[]).map(({ project_id }) => project_id))
      cursor = body?.next_cursor
    }
    expect(read.filter((name) => names.includes(name)).toSorted()).toEqual(names.toSorted())
    expect(new Set(read).size).toBe(read.length)
  })
})

describe('a forecast', () => {
  it('tells when the limit is reached at the rate of late', async () => {
    const project = await newProject()
    const path = `/api/v1/budget/forecast?project_id=${project}`
    expect((await server.call('GET', path, { token })).body).toMatchObject({
      tokens: { exhausts_at: null, rate_per_hour: 0 },
      money: null,
    })
    await post('request', { request_id: 'burnt', project_id: project, tokens: 50 })
    await post('commit', { request_id: 'burnt', usage: { total_tokens: 50 } })
    const { body } = await server.call('GET', `${path}&window_ms=3600000`, { token })
    expect(body).toMatchObject({ tokens: { exhausts_at: expect.any(String) } })
  })
})

describe('what is wrong', () => {
  const good = { request_id: 'wrong', project_id: 'coding-tasks', tokens: 1 }

  it.each([
    ['no tokens', { ...good, tokens: undefined }],
    ['half a price', { ...good, tokens: undefined, model: 'm', input_tokens: 1 }],
    ['tokens and a model', { ...good, model: 'm', input_tokens: 1, max_output_tokens: 1 }],
    ['no tokens at all', { ...good, tokens: 0 }],
    ['half a token', { ...good, tokens: 0.5 }],
    ['more tokens than a number holds', { ...good, tokens: 2 ** 53 }],
    ['tokens in words', { ...good, tokens: 'ten' }],
    ['an empty id', { ...good, request_id: '' }],
    ['an id that is too long', { ...good, request_id: 'x'.repeat(233) }],
    ['a control character in an id', { ...good, request_id: 'a\u0001b' }],
    ['a tenant', { ...good, tenant_id: 'globex' }],
    ['a time that is too long', { ...good, ttl_ms: 86_400_001 }],
    ['a currency that is none', { ...good, cost: { currency: 'usd', micros: 1 } }],
    [
      'a model without prices',
      { ...good, tokens: undefined, model: 'm', input_tokens: 1, max_output_tokens: 1 },
    ],
    ['no object', []],
  ])('in a request is refused: %s', async (_name, body) => {
    const { status, body: answer } = await post('request', body)
    expect([status, answer?.error_code]).toEqual([422, expect.stringMatching(/^INVALID_(REQUEST|OPTION)$/)])
  })

  it('in a request is refused before its price is asked: more tokens together than a number holds', async () => {
    const model = { model: 'm', input_tokens: 2 ** 53 - 1, max_output_tokens: 1 }
    const { status, body } = await post('request', { ...good, tokens: undefined, ...model })
    expect([status, body?.error_code]).toEqual([422, 'INVALID_REQUEST'])
  })

  it.each([
    ['total and parts', { total_tokens: 1, input_tokens: 1 }],
    ['less than nothing', { total_tokens: -1 }],
    ['an unknown part', { thinking_tokens: 1 }],
    ['parts that are more together than a number holds', { input_tokens: 2 ** 53 - 1, output_tokens: 1 }],
  ])('in a usage is refused: %s', async (_name, usage) => {
    expect((await post('commit', { request_id: 'wrong', usage })).status).toBe(422)
  })

  it.each([
    ['nothing', { project_id: 'p' }],
    ['a task without a project', { task_id: 't', limit_tokens: 1 }],
    ['a time zone that is none', { project_id: 'p', period: { kind: 'day', time_zone: 'Mars/Olympus' } }],
    ['a period that is none', { project_id: 'p', period: { kind: 'year', time_zone: 'UTC' } }],
    ['a percentage above all', { project_id: 'p', soft_limit_percents: [101] }],
    ['a percentage twice', { project_id: 'p', soft_limit_percents: [50, 50] }],
  ])('in limits is refused: %s', async (_name, body) => {
    expect((await limit(body)).status).toBe(422)
  })

  it.each(['project_id=', 'task_id=t', 'colour=red', `project_id=${'x'.repeat(129)}`])(
    'in a query is refused: %s',
    async (query) => expect((await state(query)).status).toBe(422),
  )

  it.each(['cursor=*', 'cursor=AA', 'limit=0', 'limit=201'])('in a page is refused: %s', async (query) => {
    const { status } = await server.call('GET', `/api/v1/budget/limits?${query}`, { token })
    expect(status).toBe(422)
  })

  it('a budget that is not there is said to be missing', async () => {
    const asked = await post('request', { request_id: 'none', project_id: 'none', tokens: 1 })
    expect([asked.status, asked.body?.error_code]).toEqual([404, 'BUDGET_NOT_FOUND'])
    expect((await state('project_id=none')).status).toBe(404)
    expect((await server.call('GET', '/api/v1/budget/forecast?project_id=none', { token })).status).toBe(404)
    for (const act of ['commit', 'release']) {
      const { status, body } = await post(act, { request_id: 'never held' })
      expect([status, body?.error_code]).toEqual([404, 'RESERVATION_NOT_FOUND'])
    }
  })

  it("another tenant's hold is as one that is not there", async () => {
    const project = await newProject()
    await post('request', { request_id: 'of acme', project_id: project, tokens: 5 })
    const foreign = await server.tokenOf('admin', 'globex')
    for (const act of ['commit', 'release']) {
      const { status, body } = await post(act, { request_id: 'of acme' }, foreign)
      expect([status, body?.error_code]).toEqual([404, 'RESERVATION_NOT_FOUND'])
    }
    expect((await state(`project_id=${project}`, foreign)).status).toBe(404)
    expect((await state(`project_id=${project}`)).body).toMatchObject({ reserved: 5 })
    const { text } = await server.call('GET', '/api/v1/budget/limits?limit=200', { token: foreign })
    expect(text).not.toContain(project)
  })
})
