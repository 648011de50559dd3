import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

const ADMIN_PASSWORD = 'a password that the server knows'
const API_KEY = ['sk', 'ant', 'api03', 'q8fK2mZx9LwT4vRb7NcJ1yHd'].join('-')
let server: AssembledServer
let admin = ''
let observer = ''
let letters = 0

beforeAll(async () => {
  server = await startAssembledServer({ environment: { ADMIN_PASSWORD } })
  admin = await server.tokenOf('admin')
  observer = await server.tokenOf('observer')
}, SLOW_START_MS)
afterAll(() => server.stop())

interface Letter {
  readonly tenant: string | null
  readonly payload: string | Uint8Array | null
  readonly error: string
  readonly fingerprint: string
  readonly headers: object
}

/** A dead letter of a test's own; its id. */
async function deadLetter(changes: Partial<Letter> = {}): Promise<string> {
  const number = ++letters
  const { tenant, payload, error, fingerprint, headers }: Letter = {
    tenant: 'acme',
    payload: '{"id":"m"}',
    error: 'task t not found',
    fingerprint: `kind-${number}`,
    headers: {},
    ...changes,
  }
  const { rows } = await server.system.database.query<{ dlq_id: bigint }>(
    `INSERT INTO dlq_messages (tenant_id, message_id, original_subject, source_stream, source_seq, consumer, headers,
                               payload, error, error_code, fingerprint, attempts)
     VALUES ($1, $2, 'tasks.completed', 'TASKS', $3, 'hub', $4::jsonb, $5, $6, 'NOT_FOUND', $7, 5) RETURNING dlq_id`,
    [
      tenant,
      `m-${number}`,
      number,
      JSON.stringify(headers),
      typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
      error,
      fingerprint,
    ],
  )
  return String(rows[0]?.dlq_id)
}

const get = (path: string, token = admin): Promise<Answer> =>
  server.call('GET', `/api/v1/dlq${path}`, { token })
const post = (path: string, body?: unknown, token = admin): Promise<Answer> =>
  server.call('POST', `/api/v1/dlq${path}`, { token, ...(body === undefined ? {} : { body }) })

describe('dead letters', () => {
  it('are listed by what they are asked by, the latest first, page by page', async () => {
    const fingerprint = 'listed'
    const ids = [
      await deadLetter({ fingerprint }),
      await deadLetter({ fingerprint }),
      await deadLetter({ fingerprint }),
    ]
    const read: string[] = []
    for (let cursor: unknown = ''; cursor !== null; ) {
      const query = cursor === '' ? '' : `&cursor=${String(cursor)}`
      const { body } = await get(`?fingerprint=${fingerprint}&limit=2${query}`)
      read.push(...((body?.dead_letters ?? []) as { id: string }[]).map(({ id }) => id))
      cursor = body?.next_cursor
    }
    expect(read).toEqual(ids.toReversed())
    for (const [query, count] of [
      ['status=open', 3],
      ['status=resolved', 0],
      ['stream=TASKS&consumer=hub&subject=tasks.completed', 3],
      ['stream=NONE', 0],
    ] as const) {
      const { body } = await get(`?fingerprint=${fingerprint}&${query}`)
      expect(body?.dead_letters).toHaveLength(count)
    }
  })

  it('are shown with why and where they were given up', async () => {
    const id = await deadLetter({ fingerprint: 'shown', headers: { 'x-trace': ['a', 'b'] } })
    expect((await get(`/${id}`)).body).toEqual({
      id,
      status: 'open',
      source: { stream: 'TASKS', sequence: expect.any(String), consumer: 'hub' },
      message_id: expect.any(String),
      original_subject: 'tasks.completed',
      fingerprint: 'shown',
      error: 'task t not found',
      error_code: 'NOT_FOUND',
      attempts: 5,
      payload_bytes: 10,
      is_payload_missing: false,
      redrive_count: 0,
      redrive_of: null,
      resolved: null,
      first_seen_at: expect.any(String),
      last_seen_at: expect.any(String),
      headers: { 'x-trace': ['a', 'b'] },
      payload: { kind: 'json', value: { id: 'm' } },
      failed_again_as: [],
    })
  })

  it('show no secret of their payload, headers or error', async () => {
    const payload = JSON.stringify({
      user: { name: 'ada', password: 'hunter2hunter2', note: `call me at ada@example.com with ${API_KEY}` },
      known: `the server says ${ADMIN_PASSWORD}`,
      at: 1_700_000_000_000,
    })
    const headers = { authorization: ['Bearer abcdefghijklmnop'], 'x-plain': ['kept'], __proto__: null }
    const id = await deadLetter({ payload, headers, error: `refused for ${API_KEY}` })
    for (const path of [`/${id}`, '', '/groups']) {
      const { text } = await get(path)
      for (const secret of ['hunter2hunter2', 'ada@example.com', API_KEY, ADMIN_PASSWORD, 'abcdefghijklmnop'])
        expect(text).not.toContain(secret)
    }
    expect((await get(`/${id}`)).body).toMatchObject({
      headers: { authorization: ['[redacted:field]'], 'x-plain': ['kept'] },
      payload: { kind: 'json', value: { user: { name: 'ada' }, at: 1_700_000_000_000 } },
    })
  })

  it('show a text that is no JSON as far as it goes, and bytes by their digest', async () => {
    const text = await get(`/${await deadLetter({ payload: `a${'é'.repeat(20_000)}` })}`)
    expect(text.body?.payload).toEqual({ kind: 'text', value: `a${'é'.repeat(16_383)}`, is_cut: true })
    const large = await get(`/${await deadLetter({ payload: JSON.stringify('x'.repeat(300_000)) })}`)
    expect(large.body?.payload).toMatchObject({ kind: 'text', is_cut: true })
    const bytes = await get(`/${await deadLetter({ payload: new Uint8Array([0xff, 0xfe]) })}`)
    expect(bytes.body?.payload).toEqual({
      kind: 'binary',
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
    })
    const dropped = await get(`/${await deadLetter({ payload: null })}`)
    expect(dropped.body).toMatchObject({ payload: null, is_payload_missing: true, payload_bytes: 0 })
  })

  it('are counted by kind', async () => {
    const fingerprint = 'of one kind'
    await deadLetter({ fingerprint })
    const id = await deadLetter({ fingerprint, error: 'the newest' })
    const { body } = await get('/groups?limit=200')
    const newest = { id, error: 'the newest', error_code: 'NOT_FOUND', original_subject: 'tasks.completed' }
    expect(body?.groups).toContainEqual({
      fingerprint,
      unresolved: 2,
      total: 2,
      newest: { ...newest, last_seen_at: expect.any(String) },
    })
  })
})

describe('settling', () => {
  it('is done once, by name, and stands in the audit log', async () => {
    const id = await deadLetter()
    const first = await post(`/${id}/resolve`, { note: 'mended by hand' })
    expect([first.status, first.body]).toEqual([200, { id, outcome: 'resolved' }])
    expect((await post(`/${id}/resolve`)).body).toEqual({ id, outcome: 'unchanged' })
    expect((await get(`/${id}`)).body).toMatchObject({
      status: 'resolved',
      resolved: { by: 'admin-of-acme', note: 'mended by hand' },
    })
    const { body } = await server.call('GET', `/api/v1/audit?resource=deadLetter%2F${id}`, { token: admin })
    expect(body?.entries).toMatchObject([
      {
        action: 'deadLetter.resolve',
        actor: { id: 'admin-of-acme' },
        request_id: first.headers.get('x-request-id'),
      },
    ])
  })

  it('twice at once settles once', async () => {
    const id = await deadLetter()
    const answers = await Promise.all([post(`/${id}/resolve`), post(`/${id}/resolve`)])
    expect(answers.map(({ body }) => body?.outcome).toSorted()).toEqual(['resolved', 'unchanged'])
  })

  it('of a kind leaves the others', async () => {
    const fingerprint = 'kind/with a slash'
    const ids = [await deadLetter({ fingerprint }), await deadLetter({ fingerprint })]
    const other = await deadLetter()
    const path = `/groups/${encodeURIComponent(fingerprint)}/resolve`
    expect((await post(path, { note: 'all of them' })).body).toEqual({ resolved: 2, has_more: false })
    expect((await post(path)).body).toEqual({ resolved: 0, has_more: false })
    for (const id of ids) expect((await get(`/${id}`)).body?.status).toBe('resolved')
    expect((await get(`/${other}`)).body?.status).toBe('open')
  })
})

describe('redriving', () => {
  it('publishes the very bytes again, once, and says what it would do before', async () => {
    const id = await deadLetter({ payload: '{"id":"again"}' })
    const dry = await post('/redrive', { ids: [id], dry_run: true })
    expect(dry.body).toEqual({ results: [{ id, outcome: 'would-redrive', error: null }], has_more: false })
    expect((await get(`/${id}`)).body).toMatchObject({ status: 'open', redrive_count: 0 })
    const wet = await post('/redrive', { ids: [id] })
    expect(wet.body).toEqual({ results: [{ id, outcome: 'redriven', error: null }], has_more: false })
    expect((await get(`/${id}`)).body).toMatchObject({ status: 'redriven', redrive_count: 1 })
    const again = await post('/redrive', { ids: [id] })
    expect(again.body?.results).toEqual([{ id, outcome: 'already-settled', error: null }])
    const { rows } = await server.system.database.query<{ payload: Uint8Array }>(
      'SELECT payload FROM messages WHERE subject = $1 AND message_id = $2',
      ['tasks.completed', `redrive:${id}:1`],
    )
    expect(rows.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(['{"id":"again"}'])
  })

  it('of one by two at once publishes it once', async () => {
    const id = await deadLetter()
    const answers = await Promise.all([post('/redrive', { ids: [id] }), post('/redrive', { ids: [id] })])
    const outcomes = answers.flatMap(({ body }) => body?.results as { outcome: string }[])
    expect(outcomes.filter(({ outcome }) => outcome === 'redriven')).toHaveLength(1)
    expect((await get(`/${id}`)).body).toMatchObject({ redrive_count: 1 })
  })

  it('takes a kind, as many as it is told, and says that there are more', async () => {
    const fingerprint = 'many of them'
    const ids = [await deadLetter({ fingerprint }), await deadLetter({ fingerprint })]
    const first = await post('/redrive', { fingerprint, limit: 1 })
    expect(first.body).toMatchObject({ results: [{ id: ids[0], outcome: 'redriven' }], has_more: true })
    const second = await post('/redrive', { fingerprint, limit: 1 })
    expect(second.body).toMatchObject({ results: [{ id: ids[1], outcome: 'redriven' }], has_more: false })
  })

  it('takes every open one of the tenant where neither ids nor a filter is given', async () => {
    const ids = [await deadLetter({ fingerprint: 'one kind' }), await deadLetter({ fingerprint: 'another' })]
    const { status, body } = await post('/redrive', { dry_run: true, limit: 1000 })
    expect(status).toBe(200)
    for (const id of ids) expect(body?.results).toContainEqual({ id, outcome: 'would-redrive', error: null })
  })

  it('names each that cannot be', async () => {
    const [settled, dropped, good] = [
      await deadLetter(),
      await deadLetter({ payload: null }),
      await deadLetter(),
    ]
    await post(`/${settled}/resolve`)
    const { body } = await post('/redrive', { ids: [settled, dropped, '9223372036854775807', good] })
    expect(body?.results).toMatchObject([
      { id: settled, outcome: 'already-settled' },
      { id: dropped, outcome: 'payload-missing' },
      { outcome: 'not-found' },
      { id: good, outcome: 'redriven' },
    ])
  })

  it('does not take more than one call can answer for', async () => {
    const ids = Array.from({ length: 1001 }, (_, index) => String(index + 1))
    expect((await post('/redrive', { ids })).status).toBe(422)
  })
})

describe('who may', () => {
  it.each(['developer', 'anonymous'] as const)('a %s sees none', async (role) => {
    const token = await server.tokenOf(role)
    for (const path of ['', '/groups', '/1']) expect((await get(path, token)).status).toBe(403)
  })

  it('shows what names another tenant, or none, to those alone who may settle it', async () => {
    const own = await deadLetter({ payload: '{"id":"m","tenantid":"acme"}' })
    const shown = { kind: 'json', value: { id: 'm', tenantid: 'acme' } }
    expect((await get(`/${own}`, observer)).body).toMatchObject({ payload: shown })
    for (const payload of ['{"id":"m","tenantid":"globex"}', '{"id":"m"}', 'no JSON', 'null']) {
      const id = await deadLetter({ payload })
      expect((await get(`/${id}`, observer)).body).toMatchObject({ id, payload: { kind: 'withheld' } })
      expect((await get(`/${id}`)).body).not.toMatchObject({ payload: { kind: 'withheld' } })
    }
  })

  it.each(['operator', 'observer', 'developer'] as const)('settling is not for an %s', async (role) => {
    const token = await server.tokenOf(role)
    const id = await deadLetter()
    for (const path of [`/${id}/resolve`, '/redrive', '/groups/kind/resolve'])
      expect((await post(path, {}, token)).status).toBe(403)
    expect((await get(`/${id}`)).body?.status).toBe('open')
  })

  it("another tenant's are not there, nor are those of nobody", async () => {
    const foreign = await server.tokenOf('admin', 'globex')
    for (const id of [await deadLetter({ fingerprint: 'theirs' }), await deadLetter({ tenant: null })]) {
      const answers = [await get(`/${id}`, foreign), await post(`/${id}/resolve`, {}, foreign)]
      for (const { status, body } of answers)
        expect([status, body?.error_code]).toEqual([404, 'DEAD_LETTER_NOT_FOUND'])
      const { body } = await post('/redrive', { ids: [id] }, foreign)
      expect(body?.results).toEqual([{ id, outcome: 'not-found', error: null }])
    }
    expect((await get('?fingerprint=theirs', foreign)).body).toEqual({ dead_letters: [], next_cursor: null })
    expect((await get('/groups', foreign)).text).not.toContain('theirs')
    expect((await post('/redrive', { fingerprint: 'theirs' }, foreign)).body?.results).toEqual([])
    expect((await post('/groups/theirs/resolve', {}, foreign)).body).toMatchObject({ resolved: 0 })
    expect((await get('?fingerprint=theirs')).body?.dead_letters).toMatchObject([{ status: 'open' }])
  })
})

describe('what is wrong', () => {
  it.each([
    '?status=lost',
    '?limit=0',
    '?limit=201',
    '?cursor=x',
    '?colour=red',
    '?stream=',
    '/abc',
    '/0',
    '/01',
  ])('is refused: %s', async (path) => expect((await get(path)).status).toBe(422))

  it.each([
    ['/1/resolve', { note: '' }],
    ['/1/resolve', { note: 'x'.repeat(1001) }],
    ['/1/resolve', { tenant_id: 'globex' }],
    ['/redrive', { ids: [] }],
    ['/redrive', { ids: ['x'] }],
    ['/redrive', { ids: ['1'], stream: 'TASKS' }],
    ['/redrive', { limit: 0 }],
    ['/redrive', { rate_per_second: 1001 }],
    ['/redrive', { to: 'tasks.other' }],
    ['/redrive', undefined],
  ])('is refused: %s %j', async (path, body) => expect((await post(path, body)).status).toBe(422))

  it('a number that no dead letter has is refused as one that is not there', async () => {
    for (const path of ['/9223372036854775807', '/9223372036854775808', '/9999999999999999999'])
      expect([404, 422]).toContain((await get(path)).status)
  })
})
