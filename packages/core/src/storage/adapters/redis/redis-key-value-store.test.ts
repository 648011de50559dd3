import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { invalidOption } from '@golden-arch/testkit/options'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RedisClient } from './redis-client.ts'
import { RedisKeyValueStore } from './redis-key-value-store.ts'

type Client = RedisClient & { disconnect(): void; on(event: 'error', listener: () => void): unknown }

const UNAVAILABLE = { code: 'KEY_VALUE_UNAVAILABLE', retryable: true }
/** With these the client is ready as soon as it is connected, without an answer. */
const WITHOUT_GREETING = { enableReadyCheck: false, disableClientInfo: true, protocol: 2 }
const clients: Client[] = []
const sockets: Socket[] = []
const servers: Server[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server that takes connections, keeps what it is sent, and never answers. */
async function listen(port = 0): Promise<{ port: number; received: () => string }> {
  let text = ''
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      text += data.toString()
    })
  })
  servers.push(server.listen(port, '127.0.0.1'))
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, received: () => text }
}

describe.each<[string, (port: number, options: object) => Client]>([
  ['ioredis 6', (port, options) => new Redis(port, '127.0.0.1', options)],
  ['ioredis 5', (port, options) => new Redis5(port, '127.0.0.1', options)],
])('RedisKeyValueStore on %s', (_version, make) => {
  const connect = (port: number, options: object = {}): Client => {
    const client = make(port, options)
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }

  it('every call ends while Redis cannot be reached, and none is sent once it is back', async () => {
    const { port } = await listen()
    for (const server of servers.splice(0)) server.close()
    const client = connect(port, WITHOUT_GREETING)
    const store = new RedisKeyValueStore({ redis: client, commandTimeoutMs: 30 })
    await expect(store.get('a')).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.set('a', 'late write')).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.delete('a')).rejects.toMatchObject(UNAVAILABLE)
    // ioredis sends what it has queued before this mark, as soon as it is connected.
    client.call('ECHO', 'mark').catch(() => undefined)
    const back = await listen(port)
    await vi.waitFor(() => expect(back.received()).toContain('mark'), { timeout: 10_000 })
    expect(back.received()).not.toContain('late write')
  })

  it('every call ends while Redis takes connections and never answers', async () => {
    const { port } = await listen()
    const store = new RedisKeyValueStore({ redis: connect(port), commandTimeoutMs: 30 })
    await expect(store.get('a')).rejects.toMatchObject(UNAVAILABLE)
    await expect(store.delete('a', 'b')).rejects.toMatchObject(UNAVAILABLE)
  })

  it('a call ends when Redis falls silent after the connection was made', async () => {
    const { port, received } = await listen()
    const client = connect(port, WITHOUT_GREETING)
    await vi.waitFor(() => expect(client.status).toBe('ready'), { timeout: 10_000 })
    const store = new RedisKeyValueStore({ redis: client, commandTimeoutMs: 30 })
    await expect(store.set('a', '1', { ttlMs: 5 })).rejects.toMatchObject({
      ...UNAVAILABLE,
      details: { timeoutMs: 30 },
    })
    await vi.waitFor(() => expect(received()).toContain('SET\r\n'), { timeout: 10_000 })
  })

  it('a client that has ended refuses at once', async () => {
    const { port } = await listen()
    const client = connect(port, { lazyConnect: true })
    client.disconnect()
    const store = new RedisKeyValueStore({ redis: client, commandTimeoutMs: 60_000 })
    await expect(store.get('a')).rejects.toMatchObject(UNAVAILABLE)
  })

  it('refuses a time limit and a prefix out of range', () => {
    const client = connect(1, { lazyConnect: true })
    expect(() => new RedisKeyValueStore({ redis: client, commandTimeoutMs: 0 })).toThrow(
      invalidOption('commandTimeoutMs'),
    )
    expect(() => new RedisKeyValueStore({ redis: client, keyPrefix: 'x'.repeat(257) })).toThrow(
      invalidOption('keyPrefix', 'a string of at most 256 characters'),
    )
  })
})
