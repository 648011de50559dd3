import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { silentLogger } from '@golden-arch/core/observability'
import { FakeClock } from '@golden-arch/core/time/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServerDatabase } from '../../testing/server-database.ts'
import type { Authority } from '../access/access-hook.ts'
import { StreamSlots } from './stream-slots.ts'
import { type FeedItem, TaskEventFeed, type TaskEventRequest } from './task-event-feed.ts'
import { type SocketConnection, TaskSocket } from './task-socket.ts'

const LIMITS = {
  authenticationMs: 10_000,
  slowMs: 30_000,
  maxLifeMs: 600_000,
  maxSubscriptions: 20,
  maxWaiting: 3,
}

/** A connection whose client does what the test says. */
class HeldConnection extends EventEmitter implements SocketConnection {
  readonly sent: string[] = []
  closedBy: number | undefined
  pings = 0
  takes = true
  answersPings = true

  send(text: string, done: (error?: Error) => void): void {
    this.sent.push(text)
    if (this.takes) done()
  }

  close(code: number): void {
    this.closedBy = code
  }

  terminate(): void {
    this.closedBy = 1006
  }

  ping(): void {
    this.pings++
    if (this.answersPings) this.emit('pong')
  }

  hear(message: unknown): void {
    this.emit('message', Buffer.from(JSON.stringify(message)), false)
  }
}

/** A feed whose readers are in the middle of a query until the test lets it answer. */
class HeldFeed extends TaskEventFeed {
  readonly #queries: (() => void)[] = []
  running = 0

  override async *read({ signal }: TaskEventRequest): AsyncGenerator<FeedItem, void, undefined> {
    this.running++
    try {
      await new Promise<void>((answer) => this.#queries.push(answer))
      while (!signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      this.running--
    }
  }

  async answer(): Promise<void> {
    for (const answer of this.#queries.splice(0)) answer()
    await setImmediate()
  }
}

const authority: Authority = {
  verify: async () => ({ id: 'ann', kind: 'human', role: 'admin', tenantId: 'acme' }),
  permit: async () => 'all',
}

describe('a socket, by the clock', () => {
  let database: Awaited<ReturnType<typeof openServerDatabase>>

  beforeAll(async () => {
    database = await openServerDatabase()
  }, 300_000)
  afterAll(() => database.close())

  interface Opened {
    readonly connection: HeldConnection
    readonly clock: FakeClock
    readonly slots: StreamSlots
    readonly feed: HeldFeed
  }

  function open(token?: string): Opened {
    const clock = new FakeClock()
    const connection = new HeldConnection()
    const slots = new StreamSlots({ maxStreamsPerCaller: 1, maxStreamsPerTenant: 1, maxStreams: 1 })
    const feed = new HeldFeed({ database, clock, logger: silentLogger })
    new TaskSocket(connection, 'one', { database, feed, authority, slots, clock, limits: LIMITS }).start(
      token,
    )
    return { connection, clock, slots, feed }
  }

  it('is closed without a token after ten seconds', async () => {
    const { connection, clock } = open()
    await clock.advance(9_999)
    expect(connection.closedBy).toBeUndefined()
    await clock.advance(1)
    expect(connection.closedBy).toBe(4401)
  })

  it('is closed after ten minutes, and gives its slot back', async () => {
    const { connection, clock, slots } = open('good')
    await clock.advance(0)
    await clock.advance(599_999)
    expect(connection.closedBy).toBeUndefined()
    expect(() => slots.take({ tenantId: 'acme', id: 'ann' })).toThrow()
    await clock.advance(1)
    expect(connection.closedBy).toBe(4000)
    expect(clock.pendingCount).toBe(0)
    expect(() => slots.take({ tenantId: 'acme', id: 'ann' })).not.toThrow()
  })

  it('is closed when its client takes nothing of what it is sent', async () => {
    const { connection, clock } = open()
    connection.takes = false
    connection.hear({ type: 'authenticate', token: 'good' })
    await clock.advance(0)
    expect(connection.sent).toHaveLength(1)
    await clock.advance(30_000)
    expect(connection.closedBy).toBe(4408)
  })

  it('is closed when its client answers no ping', async () => {
    const { connection, clock } = open('good')
    await clock.advance(0)
    await clock.advance(90_000)
    expect([connection.pings, connection.closedBy]).toEqual([3, undefined])
    connection.answersPings = false
    await clock.advance(60_000)
    expect(connection.closedBy).toBe(4408)
  })

  it('is closed when its client says more than can be taken in turn', async () => {
    const { connection } = open()
    for (let index = 0; index < 5; index++) connection.hear({ type: 'unsubscribe' })
    expect(connection.closedBy).toBe(4429)
  })

  it('has nothing left to do once its client has gone', async () => {
    const { connection, clock } = open('good')
    await clock.advance(0)
    connection.emit('close')
    expect(clock.pendingCount).toBe(0)
  })

  it('says that a subscription has ended once nothing reads for it any more', async () => {
    const { connection, feed } = open('good')
    const typesSaid = (): readonly string[] => connection.sent.map((text) => JSON.parse(text).type)
    for (const type of ['subscribe', 'unsubscribe', 'subscribe']) {
      connection.hear({ type })
      await setImmediate()
    }
    expect([feed.running, typesSaid()]).toEqual([1, ['authenticated', 'subscribed']])
    await feed.answer()
    await feed.answer()
    expect([feed.running, typesSaid().slice(2)]).toEqual([1, ['unsubscribed', 'subscribed']])
    connection.hear({ type: 'subscribe' })
    await setImmediate()
    expect(JSON.parse(connection.sent.at(-1) ?? '')).toMatchObject({ error_code: 'SUBSCRIBED' })
    connection.hear({ type: 'unsubscribe' })
    await setImmediate()
    expect([feed.running, typesSaid().at(-1)]).toEqual([0, 'unsubscribed'])
  })
})
