import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'
import { exchange } from '../../testing/raw-connection.ts'
import { connectSocket, type SocketClient } from './testing/socket-client.ts'

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'demo', 'tasks-practical.jsonl')
// A line of the corpus is a task.
const TASK = JSON.parse(readFileSync(CORPUS, 'utf8').split('\n')[0] ?? '') as Record<string, unknown>

type Role = Parameters<AssembledServer['tokenOf']>[0]

let server: AssembledServer
const clients: SocketClient[] = []

beforeAll(async () => {
  server = await startAssembledServer()
}, SLOW_START_MS)
afterAll(async () => {
  for (const client of clients) client.close()
  await server.stop()
})

async function post(id: string, role: Role = 'operator', tenantId = 'acme'): Promise<void> {
  const token = await server.tokenOf(role, tenantId)
  expect((await server.call('POST', '/api/v1/tasks', { token, body: { ...TASK, id } })).status).toBe(202)
}

async function cancel(id: string): Promise<void> {
  const token = await server.tokenOf('admin')
  expect((await server.call('POST', `/api/v1/tasks/${id}/cancel`, { token })).status).toBe(200)
}

async function connect(protocols?: readonly string[]): ReturnType<typeof connectSocket> {
  const client = await connectSocket(server.address, protocols)
  clients.push(client)
  return client
}

async function connectAs(role: Role, tenantId = 'acme'): Promise<SocketClient> {
  const client = await connect()
  client.say({ type: 'authenticate', token: await server.tokenOf(role, tenantId) })
  await client.heard(({ type }) => type === 'authenticated')
  return client
}

const isEventOf =
  (id: string) =>
  ({ type, event }: Record<string, unknown>): boolean =>
    type === 'event' && (event as { task_id: string }).task_id === id

describe('a socket', () => {
  it('takes the token from its first message', async () => {
    const client = await connectAs('observer')
    expect(client.messages).toEqual([{ type: 'authenticated', role: 'observer' }])
  })

  it('takes the token from a subprotocol, and does not give it back', async () => {
    const client = await connect(['golden-arch', `bearer.${await server.tokenOf('observer')}`])
    await client.heard(({ type }) => type === 'authenticated')
    expect(client.protocol).toBe('golden-arch')
  })

  it('is refused a token in its address', async () => {
    const answer = await server.call('GET', `/api/v1/ws?token=${await server.tokenOf('observer')}`)
    expect([answer.status, answer.body?.error_code]).toEqual([400, 'TOKEN_IN_URL'])
  })

  it.each([
    ['a wrong token', { type: 'authenticate', token: 'none' }, 4401],
    ['anything before a token', { type: 'subscribe' }, 4401],
    ['what is no message', { type: 'shout' }, 4400],
    ['what is no JSON', '{', 4400],
    ['a member that is not known', { type: 'subscribe', other: 1 }, 4400],
    ['more than a message may hold', { type: 'authenticate', token: 'x'.repeat(20_000) }, 1009],
  ])('is closed on %s', async (_name, message, code) => {
    const client = await connect()
    client.say(message)
    expect(await client.closed).toBe(code)
    expect(client.messages).toEqual([])
  })

  it('is closed on a token without the permission', async () => {
    const client = await connect()
    client.say({ type: 'authenticate', token: await server.tokenOf('anonymous') })
    expect(await client.closed).toBe(4403)
  })

  it('tells one task from its creation to its end', async () => {
    await post('followed')
    const client = await connectAs('observer')
    client.say({ type: 'subscribe', task_id: 'followed' })
    await client.heard(isEventOf('followed'))
    await cancel('followed')
    await client.heard(({ type }) => type === 'end')
    expect(client.messages.map(({ type }) => type)).toEqual([
      'authenticated',
      'subscribed',
      'event',
      'event',
      'end',
    ])
  })

  it('goes on behind a cursor', async () => {
    await post('broken-off')
    await cancel('broken-off')
    const first = await connectAs('observer')
    first.say({ type: 'subscribe', task_id: 'broken-off' })
    const { cursor } = await first.heard(isEventOf('broken-off'))
    const second = await connectAs('observer')
    second.say({ type: 'subscribe', task_id: 'broken-off', after: cursor })
    await second.heard(({ type }) => type === 'end')
    expect(second.messages.filter(({ type }) => type === 'event')).toMatchObject([
      { event: { data: { to: 'cancelled' } } },
    ])
  })

  it('ends at once where a task has ended and nothing of it is left to tell', async () => {
    await post('forgotten')
    await cancel('forgotten')
    await server.system.database.query(`DELETE FROM outbox WHERE subject = 'forgotten'`)
    const client = await connectAs('observer')
    for (const after of ['0', undefined]) client.say({ type: 'subscribe', task_id: 'forgotten', after })
    client.say({ type: 'unsubscribe' })
    await client.heard(({ type }) => type === 'unsubscribed')
    expect(client.messages.slice(1, 5).map(({ type }) => type)).toEqual([
      'subscribed',
      'end',
      'subscribed',
      'end',
    ])
  })

  it("tells of all the tenant's tasks, and of nobody else's", async () => {
    const client = await connectAs('observer')
    client.say({ type: 'subscribe' })
    await client.heard(({ type }) => type === 'subscribed')
    // The reader may look a moment after it said so: what happens until it is told of something is of no matter here.
    for (let index = 0; !client.messages.some(({ type }) => type === 'event'); index++)
      await post(`first-${index}`)
    await post('foreign', 'operator', 'globex')
    await post('one-of-ours')
    await client.heard(isEventOf('one-of-ours'))
    expect(client.messages.some(isEventOf('foreign'))).toBe(false)
  })

  it('tells a developer of its own tasks alone', async () => {
    await post('of-another')
    const client = await connectAs('developer')
    client.say({ type: 'subscribe', after: '0' })
    await post('of-mine', 'developer')
    await client.heard(isEventOf('of-mine'))
    expect(client.messages.some(isEventOf('of-another'))).toBe(false)
    client.say({ type: 'subscribe', task_id: 'of-another' })
    expect(await client.heard(({ type }) => type === 'error')).toEqual({
      type: 'error',
      error_code: 'TASK_NOT_FOUND',
      message: expect.any(String),
      task_id: 'of-another',
    })
  })

  it('ends a subscription on request, and takes it up again', async () => {
    await post('left')
    const client = await connectAs('observer')
    client.say({ type: 'subscribe', task_id: 'left' })
    await client.heard(isEventOf('left'))
    client.say({ type: 'unsubscribe', task_id: 'left' })
    await client.heard(({ type }) => type === 'unsubscribed')
    await cancel('left')
    client.say({ type: 'subscribe', task_id: 'left' })
    await client.heard(({ type }) => type === 'end')
    expect(client.messages.filter(isEventOf('left'))).toHaveLength(3)
  })

  it('refuses a second subscription to the same, and a twenty-first', async () => {
    await post('twice')
    const client = await connectAs('observer')
    client.say({ type: 'subscribe', task_id: 'twice' })
    client.say({ type: 'subscribe', task_id: 'twice' })
    expect(await client.heard(({ type }) => type === 'error')).toMatchObject({ error_code: 'SUBSCRIBED' })
    for (let index = 0; index < 20; index++) {
      await post(`many-${index}`)
      client.say({ type: 'subscribe', task_id: `many-${index}` })
    }
    expect(await client.heard((one) => one.error_code === 'TOO_MANY_SUBSCRIPTIONS')).toMatchObject({
      type: 'error',
    })
  })

  it('is asked for by a WebSocket alone', async () => {
    const answer = await server.call('GET', '/api/v1/ws')
    expect([answer.status, answer.body?.error_code]).toEqual([426, 'UPGRADE_REQUIRED'])
  })

  it('is not what another route becomes: that answers by HTTP', async () => {
    const { host } = new URL(server.address)
    const head = [
      'GET /health/live HTTP/1.1',
      `host: ${host}`,
      'connection: upgrade, close',
      'upgrade: websocket',
    ]
    const websocket = ['sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', '', '']
    expect(await exchange(server.address, [...head, ...websocket].join('\r\n'))).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  it(
    'is told that the server stops',
    async () => {
      const other = await startAssembledServer({ database: server.system.database })
      const client = await connectSocket(other.address)
      await other.stop()
      expect(await client.closed).toBe(1001)
    },
    SLOW_START_MS,
  )
})
