import { type CircuitBreakerRegistry, SqlCircuitPersistence } from '@golden-arch/core/resilience'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

let server: AssembledServer
let registry: CircuitBreakerRegistry
let admin = ''
let names = 0

beforeAll(async () => {
  server = await startAssembledServer()
  registry = server.system.breakers
  admin = await server.tokenOf('admin')
}, SLOW_START_MS)
afterAll(() => server.stop())

const fail = (): Promise<never> => Promise.reject(new Error('down'))
const list = async (query = '', token = admin): Promise<Answer> =>
  server.call('GET', `/api/v1/circuit-breakers${query}`, { token })
const post = (path: string, body?: unknown, token = admin): Promise<Answer> =>
  server.call('POST', path, { token, ...(body === undefined ? {} : { body }) })
const act = (name: string, what: 'force' | 'reset', body?: unknown, token = admin): Promise<Answer> =>
  post(`/api/v1/circuit-breakers/${encodeURIComponent(name)}/${what}`, body, token)

/** A circuit of a test's own that has tripped; its name holds a slash, as those by model do. */
async function tripped(): Promise<string> {
  const name = `model/${++names}`
  const breaker = registry.define(name, { failureThreshold: 1, recoveryTimeoutMs: 600_000 })
  await breaker.execute(fail).catch(() => undefined)
  expect(breaker.state.status).toBe('open')
  return name
}

describe('circuit breakers', () => {
  it('are told with why they are open, and until when', async () => {
    const name = await tripped()
    const { status, body } = await list(`?pattern=${encodeURIComponent(name)}`)
    expect([status, body]).toEqual([
      200,
      {
        breakers: [
          {
            name,
            state: 'open',
            failure_count: 1,
            reason: expect.any(String),
            retry_after_ms: expect.any(Number),
            last_failure_at: null,
          },
        ],
        next_cursor: null,
      },
    ])
  })

  it('are listed by name, page by page, also under their short address', async () => {
    for (const letter of ['b', 'a', 'ö', 'c']) registry.get(`paged/${letter}`)
    for (const path of ['/api/v1/circuit-breakers', '/circuit-breakers']) {
      const read: string[] = []
      for (let cursor: unknown = ''; cursor !== null; ) {
        const query = cursor === '' ? '' : `&cursor=${String(cursor)}`
        const { body } = await server.call('GET', `${path}?pattern=paged/*&limit=3${query}`, { token: admin })
        read.push(...((body?.breakers ?? []) as { name: string }[]).map(({ name }) => name))
        cursor = body?.next_cursor
      }
      expect(read).toEqual(['paged/a', 'paged/b', 'paged/c', 'paged/ö'])
    }
  })

  it('of other processes are listed as they were remembered, and held from here', async () => {
    const persistence = new SqlCircuitPersistence({ database: server.system.database })
    const other = { epoch: 1, failureCount: 3, reason: 'consecutive failures' } as const
    const open = { ...other, status: 'open', remainingMs: 60_000, recoveryTimeoutMs: 60_000 } as const
    await persistence.save([
      { ...open, name: 'elsewhere_100%' },
      { ...open, name: 'elsewhereX100Y' },
    ])
    const { body } = await list('?pattern=elsewhere_100%25')
    expect(body?.breakers).toMatchObject([
      { name: 'elsewhere_100%', state: 'open', failure_count: 3, last_failure_at: expect.any(String) },
    ])
    const forced = await act('elsewhere_100%', 'force', { state: 'disabled' })
    expect(forced.body).toMatchObject({ changed: 1, breakers: [{ state: 'disabled' }] })
  })

  it('tell what they became, the newest change first', async () => {
    const persistence = new SqlCircuitPersistence({ database: server.system.database })
    const name = 'remembered/1'
    const read = (of: string, token = admin): Promise<Answer> =>
      server.call('GET', `/api/v1/circuit-breakers/${encodeURIComponent(of)}/history`, { token })
    expect((await read(name)).body).toEqual({ changes: [] })
    const open = { name, epoch: 1, status: 'open', remainingMs: 60_000, recoveryTimeoutMs: 60_000 } as const
    await persistence.save([{ ...open, failureCount: 3, reason: 'consecutive failures' }])
    await persistence.save([{ ...open, epoch: 2, failureCount: 4, reason: 'consecutive failures' }])
    await persistence.save([
      { ...open, epoch: 3, status: 'closed', remainingMs: 0, failureCount: 0, reason: 'reset' },
    ])
    const { status, body } = await read(name, await server.tokenOf('observer'))
    const at = expect.any(String)
    expect([status, body]).toEqual([
      200,
      {
        changes: [
          { state: 'closed', reason: null, at },
          { state: 'open', reason: 'consecutive failures', at },
        ],
      },
    ])
  })

  it('are counted where they let no call pass', async () => {
    const name = await tripped()
    const openNow = async (): Promise<number> => {
      const { body } = await server.call('GET', '/stats', { token: admin })
      return (body as { breakers: { open: number } }).breakers.open
    }
    const before = await openNow()
    const held = `held/${++names}`
    registry.get(held)
    await act(held, 'force', { state: 'open' })
    expect(await openNow()).toBe(before + 1)
    await act(name, 'reset')
    await act(held, 'reset')
    expect(await openNow()).toBe(before - 1)
  })
})

describe('an order', () => {
  it.each([
    ['open', 'forced-open', 'CIRCUIT_ISOLATED'],
    ['closed', 'forced-closed', 'down'],
    ['disabled', 'disabled', 'down'],
  ] as const)(
    'to hold a circuit %s holds it, with its reason, until it is reset',
    async (state, held, seen) => {
      const name = `forced/${++names}`
      const breaker = registry.define(name, { failureThreshold: 1 })
      const { status, body } = await act(name, 'force', { state, reason: 'incident 12' })
      expect([status, body]).toMatchObject([
        200,
        { changed: 1, breakers: [{ name, state: held, reason: 'incident 12' }] },
      ])
      const error = await breaker.execute(fail).catch((thrown: unknown) => thrown)
      expect(String((error as { code?: string }).code ?? (error as Error).message)).toBe(seen)
      expect((await act(name, 'reset')).body).toMatchObject({ changed: 1, breakers: [{ state: 'closed' }] })
      expect(breaker.state.status).toBe('closed')
    },
  )

  it('may be given twice, and by two at once', async () => {
    const name = await tripped()
    const answers = await Promise.all([act(name, 'reset'), act(name, 'reset')])
    expect(answers.map(({ status, body }) => [status, body?.changed])).toEqual([
      [200, 1],
      [200, 1],
    ])
    expect(registry.get(name).state.status).toBe('closed')
  })

  it('may concern all that fit', async () => {
    for (const letter of ['a', 'b']) registry.get(`group/${letter}`)
    const { body } = await act('group/*', 'force', { state: 'open' })
    expect(body).toMatchObject({ changed: 2, breakers: [{ name: 'group/a' }, { name: 'group/b' }] })
    expect(registry.get('group/later').state.status).toBe('forced-open')
    await act('group/*', 'reset')
    expect(registry.get('group/later').state.status).toBe('closed')
  })

  it('may be an exception to what holds all that fit', async () => {
    const persistence = new SqlCircuitPersistence({ database: server.system.database })
    const held = { epoch: 1, failureCount: 0, reason: 'r', status: 'forced-open' } as const
    await persistence.save([{ ...held, name: 'under_\\100%/*', remainingMs: 0, recoveryTimeoutMs: 0 }])
    const { status, body } = await act('under_\\100%/one', 'reset')
    expect([status, body]).toMatchObject([200, { changed: 1, breakers: [{ state: 'closed' }] }])
    expect((await act('underX\\100%/one', 'reset')).status).toBe(404)
  })

  it.each(['/api/v1/circuit-breakers/reset_all', '/admin/circuit-breaker/reset'])(
    'to reset all closes all: %s',
    async (path) => {
      const name = await tripped()
      const { status, body } = await post(path)
      expect([status, body?.changed]).toEqual([200, registry.size])
      expect(registry.get(name).state.status).toBe('closed')
    },
  )

  it('is on record before it is done', async () => {
    const name = await tripped()
    const { headers } = await act(name, 'force', { state: 'open', reason: 'on record' })
    const reset = await act(name, 'reset')
    const { body } = await server.call(
      'GET',
      `/api/v1/audit?resource=${encodeURIComponent(`breaker/${name}`)}`,
      {
        token: admin,
      },
    )
    expect(body?.entries).toMatchObject([
      { action: 'breaker.reset', request_id: reset.headers.get('x-request-id') },
      {
        action: 'breaker.force',
        actor: { id: 'admin-of-acme', kind: 'human' },
        request_id: headers.get('x-request-id'),
        details: { state: 'open', reason: 'on record' },
      },
    ])
  })

  it('for a circuit that is not there is refused, and not on record', async () => {
    for (const what of ['force', 'reset'] as const) {
      const { status, body } = await act('none of that name', what, { state: 'open' })
      expect([status, body?.error_code]).toEqual([404, 'CIRCUIT_NOT_FOUND'])
    }
    const { body } = await server.call('GET', '/api/v1/audit?resource=breaker%2Fnone%20of%20that%20name', {
      token: admin,
    })
    expect(body?.entries).toEqual([])
  })

  it.each(['operator', 'developer', 'observer'] as const)('is not for an %s', async (role) => {
    const token = await server.tokenOf(role)
    const name = await tripped()
    expect((await act(name, 'force', { state: 'open' }, token)).status).toBe(403)
    expect((await act(name, 'reset', undefined, token)).status).toBe(403)
    for (const path of ['/api/v1/circuit-breakers/reset_all', '/admin/circuit-breaker/reset'])
      expect((await post(path, undefined, token)).status).toBe(403)
    expect(registry.get(name).state.status).toBe('open')
    expect((await list('', token)).status).toBe(200)
  })

  it('is for the home tenant alone: the administrator of another sees circuits, and is refused on record', async () => {
    const token = await server.tokenOf('admin', 'globex')
    const name = await tripped()
    const answers = [
      await act(name, 'force', { state: 'disabled' }, token),
      await act('*', 'force', { state: 'open' }, token),
      await act(name, 'reset', undefined, token),
      await post('/api/v1/circuit-breakers/reset_all', undefined, token),
      await post('/admin/circuit-breaker/reset', undefined, token),
    ]
    expect(answers.map(({ status, body }) => [status, body?.error_code])).toEqual(
      answers.map(() => [403, 'PERMISSION_DENIED']),
    )
    expect(registry.get(name).state.status).toBe('open')
    expect((await list(`?pattern=${encodeURIComponent(name)}`, token)).body?.breakers).toHaveLength(1)
    const denials = async (): Promise<unknown> =>
      (await server.call('GET', '/api/v1/audit?outcome=denied&resource=system%2Fbreaker%3Amanage', { token }))
        .body?.entries
    await expect.poll(denials, { timeout: 60_000 }).toHaveLength(answers.length)
  })

  it('is told without its author, as all tenants read it', async () => {
    const name = await tripped()
    await act(name, 'force', { state: 'open' })
    const { body } = await list(
      `?pattern=${encodeURIComponent(name)}`,
      await server.tokenOf('observer', 'globex'),
    )
    expect(body?.breakers).toMatchObject([{ reason: 'held by a person' }])
    await act(name, 'reset')
  })

  it.each([
    ['no state', {}],
    ['a state that is none', { state: 'half-open' }],
    ['an empty reason', { state: 'open', reason: '' }],
    ['a member that is unknown', { state: 'open', tenant_id: 'globex' }],
  ])('is refused with %s', async (_name, body) => {
    registry.get('wrong')
    expect((await act('wrong', 'force', body)).status).toBe(422)
    expect(registry.get('wrong').state.status).toBe('closed')
  })

  it.each(['?limit=0', '?limit=201', '?pattern=', '?colour=red'])(
    'a list is refused for %s',
    async (query) => {
      expect((await list(query)).status).toBe(422)
    },
  )
})
