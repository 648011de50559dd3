import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type AssembledServer,
  type CallOptions,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'
import { parseStream, type StreamedMessage } from './testing/parse-stream.ts'

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'demo', 'tasks-practical.jsonl')
// A line of the corpus is a task.
const TASK = JSON.parse(readFileSync(CORPUS, 'utf8').split('\n')[0] ?? '') as Record<string, unknown>

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer()
}, SLOW_START_MS)
afterAll(() => server.stop())

async function post(id: string, options: CallOptions = {}): Promise<void> {
  const token = await server.tokenOf('developer')
  const answer = await server.call('POST', '/api/v1/tasks', { token, body: { ...TASK, id }, ...options })
  expect(answer.status).toBe(202)
}

async function cancel(id: string): Promise<void> {
  const answer = await server.call('POST', `/api/v1/tasks/${id}/cancel`, {
    token: await server.tokenOf('admin'),
  })
  expect(answer.status).toBe(200)
}

/** Opens the stream; `meanwhile` runs once its answer has begun. All its messages, when it has ended. */
async function messagesOf(
  id: string,
  headers: Readonly<Record<string, string>> = {},
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<readonly StreamedMessage[]> {
  const answer = await fetch(`${server.address}/api/v1/tasks/${id}/events`, {
    headers: { authorization: `Bearer ${await server.tokenOf('developer')}`, ...headers },
  })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  await meanwhile()
  return parseStream(await answer.text())
}

describe('the stream of a task', () => {
  it('tells its events from its creation to its end, and ends', async () => {
    await post('streamed')
    const messages = await messagesOf('streamed', {}, () => cancel('streamed'))
    expect(messages.map(({ event }) => event)).toEqual(['task.created', 'task.transitioned'])
    expect(messages.at(-1)?.data).toMatchObject({ task_id: 'streamed', data: { to: 'cancelled' } })
  })

  it('goes on behind the last event that a client had', async () => {
    await post('resumed')
    await cancel('resumed')
    const [first, last] = await messagesOf('resumed')
    expect(await messagesOf('resumed', { 'last-event-id': String(first?.id) })).toEqual([last])
  })

  it('is none for a client that has it all', async () => {
    await post('told')
    await cancel('told')
    const last = (await messagesOf('told')).at(-1)
    const token = await server.tokenOf('developer')
    const again = await server.call('GET', '/api/v1/tasks/told/events', {
      token,
      headers: { 'last-event-id': String(last?.id) },
    })
    expect([again.status, again.text]).toEqual([204, ''])
  })

  it('of a task that ended is none once its events are kept no longer, and ends with what is left of them', async () => {
    for (const id of ['forgotten', 'half-forgotten']) {
      await post(id)
      await cancel(id)
    }
    const { database } = server.system
    await database.query(`DELETE FROM outbox WHERE subject = 'forgotten'`)
    const last = `(SELECT max(position) FROM outbox WHERE subject = 'half-forgotten')`
    await database.query(`DELETE FROM outbox WHERE subject = 'half-forgotten' AND position < ${last}`)
    const token = await server.tokenOf('developer')
    const answer = await server.call('GET', '/api/v1/tasks/forgotten/events', { token })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect((await messagesOf('half-forgotten')).map(({ event }) => event)).toEqual(['task.transitioned'])
  })

  it(
    'tells what another process does',
    async () => {
      const other = await startAssembledServer({ database: server.system.database })
      try {
        await post('elsewhere')
        const messages = await messagesOf('elsewhere', {}, async () => {
          const token = await other.tokenOf('admin')
          expect((await other.call('POST', '/api/v1/tasks/elsewhere/cancel', { token })).status).toBe(200)
        })
        expect(messages).toHaveLength(2)
      } finally {
        await other.stop()
      }
    },
    SLOW_START_MS,
  )

  it.each([
    ['its own tenant alone', 'admin', 'globex', 404],
    ['those who may read tasks', 'anonymous', 'acme', 403],
  ] as const)('is there for %s', async (_name, role, tenantId, status) => {
    await post(`kept-${status}`)
    const token = await server.tokenOf(role, tenantId)
    expect((await server.call('GET', `/api/v1/tasks/kept-${status}/events`, { token })).status).toBe(status)
  })

  it('of another developer is not there', async () => {
    await post('not-mine', { token: await server.tokenOf('operator') })
    const token = await server.tokenOf('developer')
    expect((await server.call('GET', '/api/v1/tasks/not-mine/events', { token })).status).toBe(404)
  })

  it('refuses an id that no stream gave', async () => {
    await post('odd')
    const token = await server.tokenOf('developer')
    const headers = { 'last-event-id': 'yesterday' }
    expect((await server.call('GET', '/api/v1/tasks/odd/events', { token, headers })).status).toBe(422)
  })

  it('is refused to a caller who has twenty open, until one of them ends', async () => {
    await post('crowded')
    const token = await server.tokenOf('operator')
    const open = (signal: AbortSignal): Promise<Response> =>
      fetch(`${server.address}/api/v1/tasks/crowded/events`, {
        headers: { authorization: `Bearer ${token}` },
        signal,
      })
    const clients = Array.from({ length: 20 }, () => new AbortController())
    const answers = await Promise.all(clients.map(({ signal }) => open(signal)))
    expect(answers.map(({ status }) => status)).toEqual(clients.map(() => 200))
    const refused = await open(AbortSignal.timeout(60_000))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({ error_code: 'TOO_MANY_STREAMS' })
    clients[0]?.abort()
    const again = new AbortController()
    await expect.poll(async () => (await open(again.signal)).status, { timeout: 60_000 }).toBe(200)
    for (const client of [...clients, again]) client.abort()
  })

  it(
    'ends when the server stops',
    async () => {
      const other = await startAssembledServer({ database: server.system.database })
      await post('cut-off')
      const token = await other.tokenOf('developer')
      const answer = await fetch(`${other.address}/api/v1/tasks/cut-off/events`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const [text] = await Promise.all([answer.text(), other.stop()])
      const messages = parseStream(text)
      expect(messages.every(({ event }) => event === 'task.created')).toBe(true)
    },
    SLOW_START_MS,
  )
})
