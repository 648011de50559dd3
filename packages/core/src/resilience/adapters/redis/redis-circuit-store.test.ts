import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { invalidOption } from '@golden-arch/testkit/options'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterEach, describe, expect, it } from 'vitest'
import type { CircuitRedis } from './circuit-redis.ts'
import { readCircuitText } from './circuit-text.ts'
import { RedisCircuitStore } from './redis-circuit-store.ts'

type Client = CircuitRedis & { disconnect(): void; on(event: 'error', listener: () => void): unknown }

const UNAVAILABLE = { code: 'KEY_VALUE_UNAVAILABLE', retryable: true }
const clients: Client[] = []
const sockets: Socket[] = []
const servers: Server[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect()
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server that takes connections and never answers. */
async function silentServer(): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe.each<[string, (port: number, options: object) => Client]>([
  ['ioredis 6', (port, options) => new Redis(port, '127.0.0.1', options)],
  ['ioredis 5', (port, options) => new Redis5(port, '127.0.0.1', options)],
])('RedisCircuitStore on %s', (_version, make) => {
  const connect = (port: number, options: object = {}): Client => {
    const client = make(port, options)
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }

  it('every command ends while Redis takes connections and never answers', async () => {
    const redis = connect(await silentServer())
    const store = new RedisCircuitStore({ redis, commandTimeoutMs: 30 })
    await expect(store.read([])).rejects.toMatchObject(UNAVAILABLE)
    await expect(
      store.acquireProbe({ name: 'x', owner: 'a', knownEpoch: 0, leaseMs: 1 }),
    ).rejects.toMatchObject(UNAVAILABLE)
  })

  it('a client that has ended refuses at once', async () => {
    const redis = connect(await silentServer(), { lazyConnect: true })
    redis.disconnect()
    const store = new RedisCircuitStore({ redis, commandTimeoutMs: 60_000 })
    await expect(store.read([])).rejects.toMatchObject(UNAVAILABLE)
  })

  it('a subscription to a Redis that is silent can be closed', async () => {
    const redis = connect(await silentServer(), { lazyConnect: true })
    const heard: string[] = []
    const subscription = new RedisCircuitStore({ redis }).subscribe({
      changed: () => heard.push('changed'),
      subscribed: () => heard.push('subscribed'),
      lost: () => heard.push('lost'),
    })
    await subscription.close()
    expect(heard).toEqual([])
  })

  it('refuses options out of their range', () => {
    const redis = connect(1, { lazyConnect: true })
    const prefix = invalidOption('keyPrefix', 'a string of 1 to 200 characters without braces')
    expect(() => new RedisCircuitStore({ redis, commandTimeoutMs: 0 })).toThrow(
      invalidOption('commandTimeoutMs'),
    )
    expect(() => new RedisCircuitStore({ redis, retentionMs: 999 })).toThrow(invalidOption('retentionMs'))
    expect(() => new RedisCircuitStore({ redis, keyPrefix: '{a}' })).toThrow(prefix)
    expect(() => new RedisCircuitStore({ redis, keyPrefix: '' })).toThrow(prefix)
    // What a caller without types may pass.
    expect(() => new RedisCircuitStore({ redis: {} as CircuitRedis })).toThrow(invalidOption('redis'))
  })
})

describe('readCircuitText', () => {
  const parts = ['n', '12', 'open', 30, 'tripped', 'reason', 'author']

  it('reads what the scripts write', () => {
    expect(readCircuitText(JSON.stringify(parts))).toEqual({
      ...{ name: 'n', epoch: 12, status: 'open', remainingMs: 30 },
      ...{ cause: 'tripped', reason: 'reason', author: 'author' },
    })
  })

  it.each([
    ['no text', 7],
    ['no JSON', '{'],
    ['no list', '{"name":"n"}'],
    ['a status that nobody knows', JSON.stringify(parts.with(2, 'half-open'))],
    ['a cause that nobody knows', JSON.stringify(parts.with(4, 'remote'))],
    ['an epoch that is no number', JSON.stringify(parts.with(1, 'x'))],
    ['a negative time', JSON.stringify(parts.with(3, -1))],
    ['a time without an end', JSON.stringify(parts.with(3, 30)).replace('30', '1e999')],
    ['a time longer than any recovery', JSON.stringify(parts.with(3, 2 ** 31))],
    ['an epoch above any clock', JSON.stringify(parts.with(1, '9007199254740991'))],
    ['an epoch that is nothing', JSON.stringify(parts.with(1, null as never))],
    ['a name with a control character', JSON.stringify(parts.with(0, 'a\u0000'))],
    ['an endless reason', JSON.stringify(parts.with(5, 'x'.repeat(257)))],
    ['a missing author', JSON.stringify(parts.slice(0, 6))],
  ])('takes %s for nothing', (_what, value) => {
    expect(readCircuitText(value)).toBeUndefined()
  })
})
