import { SqlAuditLog } from '@golden-arch/core/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'

let server: AssembledServer
let token = ''

beforeAll(async () => {
  server = await startAssembledServer()
  token = await server.tokenOf('operator')
  const log = new SqlAuditLog()
  for (let index = 0; index < 5; index++) {
    await server.system.database.transaction((tx) =>
      log.append(tx, {
        tenantId: 'acme',
        actor: { id: 'observer-of-acme', kind: 'human' },
        action: 'access.require',
        resource: 'permission/audit:read',
        outcome: 'denied',
      }),
    )
  }
}, SLOW_START_MS)
afterAll(() => server.stop())

type Entries = { id: string; action: string; actor: { id: string } }[]

describe('the audit log over HTTP', () => {
  it('is read page by page, the newest first, without a gap', async () => {
    const read: string[] = []
    const path = '/api/v1/audit?action=access.require&actor=observer-of-acme&outcome=denied&limit=2'
    let next: unknown = ''
    while (next !== null) {
      const { body } = await server.call('GET', `${path}${next === '' ? '' : `&cursor=${String(next)}`}`, {
        token,
      })
      read.push(...((body?.entries ?? []) as Entries).map(({ id }) => id))
      next = body?.next_cursor
    }
    expect(read).toHaveLength(5)
    expect(read).toEqual(read.toSorted((a, b) => Number(b) - Number(a)))
  })

  it.each([
    ['action=task.none', 0],
    ['resource=permission%2Faudit:read', 5],
    ['from=2000-01-01T00:00:00Z&before=2000-01-02T00:00:00Z', 0],
  ])('is asked by %s', async (query, count) => {
    const { body } = await server.call('GET', `/api/v1/audit?${query}`, { token })
    expect(body?.entries).toHaveLength(count)
  })

  it.each([
    'limit=0',
    'limit=201',
    'from=yesterday',
    'from=0000-01-01T00:00:00Z',
    'before=9999-12-31T23:59:59-01:00',
    'outcome=maybe',
    'colour=red',
    'tenant_id=globex',
    'cursor=%27',
  ])('refuses %s', async (query) => {
    const { status, text } = await server.call('GET', `/api/v1/audit?${query}`, { token })
    expect(status).toBe(422)
    expect(text).not.toMatch(/option values|GMT/)
  })

  it.each(['audit?actor=%00', 'audit?action=a%00', 'audit?resource=%00b', 'tasks/%00', 'tasks/%00/cancel'])(
    'and tasks are not asked with NUL: %s',
    async (path) => {
      const method = path.endsWith('cancel') ? 'POST' : 'GET'
      expect((await server.call(method, `/api/v1/${path}`, { token })).status).toBe(400)
    },
  )

  it("is verified beside another tenant's", async () => {
    const tokens = [token, await server.tokenOf('operator', 'globex')]
    const { linker } = server.gateway
    const link = linker.linkTenant.bind(linker)
    const areBothThere = Promise.withResolvers<void>()
    let begun = 0
    linker.linkTenant = async (...call) => {
      begun++
      if (begun === tokens.length) areBothThere.resolve()
      await areBothThere.promise
      return await link(...call)
    }
    const verify = async (one: string): Promise<number> => {
      const { status } = await server.call('GET', '/api/v1/audit/verify', { token: one })
      areBothThere.resolve()
      return status
    }
    expect(await Promise.all(tokens.map(verify))).toEqual([200, 200])
    linker.linkTenant = link
  })

  it('is verified in full, what waited for its place included', async () => {
    const good = await server.call('GET', '/api/v1/audit/verify', { token })
    expect(good.body).toMatchObject({ ok: true })
    expect(good.body?.entries).toBeGreaterThanOrEqual(5)
  })

  it('is exported as a line for each entry, from the place that is asked', async () => {
    const { text, headers } = await server.call('GET', '/api/v1/audit/export', { token })
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { sequence: string })
    expect(lines.map(({ sequence }) => Number(sequence))).toEqual(lines.map((_, index) => index + 1))
    const later = await server.call('GET', '/api/v1/audit/export?after_sequence=3', { token })
    expect(later.text.split('\n')[0]).toBe(text.split('\n')[3])
    const unread = await server.call('GET', '/api/v1/audit/export?after_sequence=03', { token })
    expect(unread.status).toBe(422)
  })
})
