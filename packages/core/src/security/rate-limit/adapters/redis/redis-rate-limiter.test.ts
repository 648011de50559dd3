import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { invalidOption } from '@golden-arch/testkit/options'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-v5'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { RedisClient } from '../../../../storage/index.ts'
import { FakeClock } from '../../../../time/testing/index.ts'
import { RedisRateLimiter } from './redis-rate-limiter.ts'

type Client = RedisClient & { disconnect(): void; on(event: 'error', listener: () => void): unknown }

const LIMIT = { name: 'test', limit: 2, windowMs: 60_000 }
const UNAVAILABLE = { code: 'KEY_VALUE_UNAVAILABLE', retryable: true }
/** With these the client is ready as soon as it is connected, without an answer. */
const WITHOUT_GREETING = { enableReadyCheck: false, disableClientInfo: true, protocol: 2 }
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
])('RedisRateLimiter on %s', (_version, make) => {
  const connect = (port: number, options: object = {}): Client => {
    const client = make(port, options)
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }

  it('every call ends while Redis takes connections and never answers', async () => {
    const limiter = new RedisRateLimiter({ redis: connect(await silentServer()), commandTimeoutMs: 30 })
    await expect(limiter.consume('a', LIMIT)).rejects.toMatchObject({
      ...UNAVAILABLE,
      details: { timeoutMs: 30 },
    })
  })

  it('every call ends when Redis falls silent after the connection was made', async () => {
    const redis = connect(await silentServer(), WITHOUT_GREETING)
    await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 60_000 })
    const limiter = new RedisRateLimiter({ redis, commandTimeoutMs: 30 })
    await expect(limiter.consume('a', LIMIT)).rejects.toMatchObject(UNAVAILABLE)
  })

  it('a client that has ended refuses at once', async () => {
    const redis = connect(await silentServer(), { lazyConnect: true })
    redis.disconnect()
    const limiter = new RedisRateLimiter({ redis, commandTimeoutMs: 60_000 })
    await expect(limiter.consume('a', LIMIT)).rejects.toMatchObject(UNAVAILABLE)
  })
})

/** A client that is connected and answers as it is told. */
function answering(
  answer: (command: string) => Promise<unknown>,
): RedisClient & { readonly commands: string[] } {
  const commands: string[] = []
  return {
    commands,
    status: 'ready',
    call: (command, ...args) => {
      commands.push([command, ...args.slice(1)].join(' '))
      return answer(command)
    },
    connect: async () => undefined,
    once: () => undefined,
    removeListener: () => undefined,
  }
}

describe('what RedisRateLimiter makes of answers', () => {
  it('asks by the name of its script, and gives the script itself where Redis does not know it', async () => {
    const redis = answering(async (command) => {
      if (command === 'EVALSHA') throw new Error('NOSCRIPT No matching script')
      return [1, 1, 60_000]
    })
    const limiter = new RedisRateLimiter({ redis, keyPrefix: 'p:' })
    const admitted = {
      allowed: true,
      limit: 2,
      remaining: 1,
      resetMs: 60_000,
      retryAfterMs: 0,
      source: 'redis',
    }
    expect(await limiter.consume('a', LIMIT)).toEqual(admitted)
    const rest = '1 p:a 2 60000000'
    expect(redis.commands).toEqual([`EVALSHA ${rest}`, `EVAL ${rest}`])
  })

  it('many calls wait together for a connection, with one listener for all of them, and are sent once it stands', async () => {
    const clock = new FakeClock()
    const listeners: [string, () => void][] = []
    const client = { ...answering(async () => [1, 1, 60_000]), status: 'reconnecting' }
    const redis: RedisClient = { ...client, once: (event, listener) => listeners.push([event, listener]) }
    const limiter = new RedisRateLimiter({ redis, clock })
    const ask = () => Promise.allSettled(Array.from({ length: 50 }, () => limiter.consume('a', LIMIT)))
    const refused = ask()
    await clock.advance(100)
    for (const { status } of await refused) expect(status).toBe('rejected')
    expect(client.commands).toHaveLength(0)
    const sent = ask()
    expect(listeners.map(([event]) => event)).toEqual(['ready', 'end', 'ready', 'end'])
    listeners[2]?.[1]()
    for (const { status } of await sent) expect(status).toBe('fulfilled')
    expect([client.commands.length, clock.pendingCount]).toEqual([50, 0])
  })

  it('an answer that is none is no admission', async () => {
    for (const reply of [null, 'OK', [], [1], [1, 1], [1, 1, 'x'], [1, 1, -1], { allowed: 1 }]) {
      const limiter = new RedisRateLimiter({ redis: answering(async () => reply) })
      await expect(limiter.consume('a', LIMIT)).rejects.toMatchObject(UNAVAILABLE)
    }
  })

  it('reads numbers from a client that gives them as texts', async () => {
    const limiter = new RedisRateLimiter({ redis: answering(async () => ['0', '0', '17']) })
    expect(await limiter.consume('a', LIMIT)).toMatchObject({ allowed: false, retryAfterMs: 17, resetMs: 17 })
  })

  it('an error that Redis answers with is typed', async () => {
    const redis = answering(() => Promise.reject(new Error('OOM command not allowed')))
    const limiter = new RedisRateLimiter({ redis })
    await expect(limiter.consume('a', LIMIT)).rejects.toMatchObject({
      ...UNAVAILABLE,
      cause: { message: /OOM/ },
    })
  })

  it('an answer in time leaves no timer, and one that waits to be read when time is over is still taken', async () => {
    const clock = new FakeClock()
    let reply: (value: unknown) => void = () => {}
    const redis = answering(() => new Promise((resolve) => (reply = resolve)))
    const limiter = new RedisRateLimiter({ redis, clock, commandTimeoutMs: 100 })
    const inTime = limiter.consume('a', LIMIT)
    reply([1, 1, 60_000])
    expect((await inTime).allowed).toBe(true)
    expect(clock.pendingCount).toBe(0)
    const waiting = limiter.consume('a', LIMIT)
    // At the end of the time limit, but before the turn in which what waits is read.
    clock.schedule(100, () => reply([0, 0, 5]))
    await clock.advance(100)
    expect((await waiting).retryAfterMs).toBe(5)
  })

  it('refuses options out of range', () => {
    const redis = answering(async () => [1, 1, 1])
    expect(() => new RedisRateLimiter({ redis, commandTimeoutMs: 0 })).toThrow(
      invalidOption('commandTimeoutMs'),
    )
    expect(() => new RedisRateLimiter({ redis, keyPrefix: 'x'.repeat(257) })).toThrow(
      invalidOption('keyPrefix', 'a string of at most 256 characters'),
    )
    // What untyped configuration may bring.
    expect(() => new RedisRateLimiter({ redis, algorithm: 'fixed' as 'gcra' })).toThrow(
      invalidOption('algorithm'),
    )
    expect(() => new RedisRateLimiter({ redis: {} as RedisClient })).toThrow(invalidOption('redis'))
  })
})
