import { createEvent, type EventEnvelope, SqlEventOutbox } from '@golden-arch/core/events'
import { RecordingLogger, RecordingMetrics, RecordingTracer } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Inbox } from '../adapters/sql/inbox.ts'
import { RecordingBroker } from '../testing/recording-broker.ts'
import { claimEvents, settleEvents } from './outbox-claim.ts'
import { OutboxRelay } from './outbox-relay.ts'
import type { OutboxRelayOptions } from './outbox-relay-options.ts'

/** What an {@link OutboxRelay} promises on any database; `databases` are two ways to the same one. */
export function outboxRelayContract(databases: () => readonly [SqlDatabase, SqlDatabase]): void {
  const outbox = new SqlEventOutbox()
  let database: SqlDatabase
  let broker: RecordingBroker

  const relayOf = (changes: Partial<OutboxRelayOptions> = {}): OutboxRelay =>
    new OutboxRelay({ database, broker, ...changes })
  /** Events named `subject/number`; a name without a slash has no subject. */
  const append = (...ids: string[]): Promise<void> => appendFor('acme', ...ids)
  const appendFor = (tenantId: string, ...ids: string[]): Promise<void> =>
    database.transaction((tx) =>
      outbox.append(
        tx,
        ids.map((id) => eventOf(id, tenantId)),
      ),
    )
  const waiting = async (): Promise<readonly unknown[]> => {
    const text = 'SELECT event_id, attempts FROM outbox WHERE published_at IS NULL ORDER BY position'
    return (await database.query<{ event_id: string; attempts: number }>(text)).rows.map(
      (row) => row.event_id,
    )
  }
  const endPauses = () => database.query('UPDATE outbox SET available_at = clock_timestamp()')

  beforeEach(async () => {
    database = databases()[0]
    broker = new RecordingBroker()
    await database.query('DELETE FROM outbox')
    await database.query('DELETE FROM inbox')
  })

  test('waiting events are published once, in order of position, as they were appended', async () => {
    const seen: EventEnvelope[] = []
    broker.onPublish = async (event) => void seen.push(event)
    await append('a/1', 'b/1', 'a/2')
    expect(await relayOf({ maxConcurrent: 1 }).runOnce()).toEqual({ claimed: 3, published: 3, failed: 0 })
    expect(broker.published).toEqual(['a/1', 'a/2', 'b/1'])
    expect(seen[0]).toEqual(eventOf('a/1', 'acme'))
    expect(await relayOf().runOnce()).toEqual({ claimed: 0, published: 0, failed: 0 })
  })

  test('the broker is given as long as the relay', async () => {
    const seen: unknown[] = []
    broker.onPublish = async (_event, { timeoutMs }) => void seen.push(timeoutMs)
    await append('a/1')
    await relayOf({ publishTimeoutMs: 25_000 }).runOnce()
    expect(seen).toEqual([25_000])
  })

  test('an event carries the span it was appended in, its own where it has one, else that of its publication', async () => {
    const tracer = new RecordingTracer()
    const traced = new SqlEventOutbox({ tracer })
    const own = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
    const seen = new Map<string, string | undefined>()
    broker.onPublish = async (event) => void seen.set(event.id, event.traceparent)
    await tracer.trace('append', {}, () =>
      database.transaction((tx) =>
        traced.append(tx, [eventOf('in', 'acme'), { ...eventOf('own', 'acme'), ...own }]),
      ),
    )
    await database.transaction((tx) => traced.append(tx, [eventOf('outside', 'acme')]))
    await tracer.trace('process of the relay', {}, () => relayOf({ tracer, maxConcurrent: 1 }).runOnce())
    const [append] = tracer.spans('append')
    const [inside, , outside] = tracer.spans().filter((span) => span.name.startsWith('publish'))
    const placeOf = (span: typeof append): string => `00-${span?.traceId}-${span?.spanId}-01`
    expect(Object.fromEntries(seen)).toEqual({
      in: placeOf(append),
      own: own.traceparent,
      outside: placeOf(outside),
    })
    expect(inside).toMatchObject({ kind: 'client', parentSpanId: append?.spanId, links: [append?.spanId] })
    expect(outside).toMatchObject({ kind: 'producer', parentSpanId: null, links: [] })
  })

  test('a publication that fails is a failed span', async () => {
    const tracer = new RecordingTracer()
    broker.onPublish = () => Promise.reject(new RangeError('no'))
    await append('a/1')
    await relayOf({ tracer }).runOnce()
    expect(tracer.spans()).toMatchObject([{ status: 'error', exceptions: ['no'], isEnded: true }])
  })

  test('an event whose transaction rolled back is never published', async () => {
    const rolledBack = database.transaction(async (tx) => {
      await outbox.append(tx, [eventOf('a/1', 'acme')])
      throw new Error('the change did not happen')
    })
    await expect(rolledBack).rejects.toThrow('did not happen')
    expect(await relayOf().runOnce()).toMatchObject({ claimed: 0 })
  })

  test('an event that fails holds back its own subject and nothing else', async () => {
    broker.onPublish = async ({ id }) => {
      if (id === 'a/2') throw new Error('no')
    }
    await append('a/1', 'a/2', 'a/3', 'b/1', 'x', 'y')
    await appendFor('umbrella', 'a/9')
    expect(await relayOf({ maxConcurrent: 1 }).runOnce()).toEqual({ claimed: 7, published: 5, failed: 1 })
    expect(await waiting()).toEqual(['a/2', 'a/3'])
    expect(await relayOf().runOnce()).toMatchObject({ claimed: 0 })
    broker.onPublish = async () => {}
    await endPauses()
    await relayOf().runOnce()
    expect(broker.published).toEqual(['a/1', 'b/1', 'x', 'y', 'a/9', 'a/2', 'a/3'])
  })

  test('a failure is counted with its reason, and events without a subject fail alone', async () => {
    broker.onPublish = async ({ id }) => {
      if (id === 'x') throw new RangeError('too \u0000 far')
    }
    await append('x', 'y')
    const logger = new RecordingLogger()
    const random = () => 1
    await relayOf({ logger, random }).runOnce()
    await endPauses()
    await relayOf({ logger, random }).runOnce()
    const { rows } = await database.query(
      'SELECT attempts, last_error FROM outbox WHERE published_at IS NULL',
    )
    expect(rows).toEqual([{ attempts: 2, last_error: 'RangeError: too  far' }])
    const facts = { err: expect.any(RangeError), eventId: 'x' }
    expect(logger.lines).toEqual(
      [
        { ...facts, attempts: 1, delayMs: 500 },
        { ...facts, attempts: 2, delayMs: 1000 },
      ].map((fields) => ({ level: 'warn', message: 'outbox event not published', fields })),
    )
  })

  test('a batch is bounded and the next one goes on where it ended', async () => {
    await append('a/1', 'a/2', 'a/3', 'b/1', 'c/1')
    const relay = relayOf({ maxBatchLength: 2 })
    for (let round = 0; round < 5; round++) await relay.runOnce()
    expect([...broker.published].sort()).toEqual(['a/1', 'a/2', 'a/3', 'b/1', 'c/1'])
  })

  test('the subject that one relay publishes is left alone by another, other subjects are not', async () => {
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    broker.onPublish = async ({ id }) => {
      if (id !== 'a/1') return
      entered.resolve()
      await gate.promise
    }
    await append('a/1', 'a/2')
    const first = relayOf().runOnce()
    await entered.promise
    await append('b/1', 'a/3')
    expect(await relayOf({ database: databases()[1] }).runOnce()).toMatchObject({ published: 1 })
    expect(broker.published).toEqual(['b/1'])
    gate.resolve()
    await first
    await relayOf().runOnce()
    expect(broker.published).toEqual(['b/1', 'a/1', 'a/2', 'a/3'])
  })

  test('what a dead relay had claimed is published once its lease has ended, not before', async () => {
    await append('a/1', 'a/2')
    expect(await claimEvents(database, 10, 60_000)).toHaveLength(2)
    expect(await relayOf().runOnce()).toMatchObject({ claimed: 0 })
    await endPauses()
    await relayOf().runOnce()
    expect(broker.published).toEqual(['a/1', 'a/2'])
  })

  test('a relay that lost its lease cannot push back the new holder, but its publication counts', async () => {
    await append('a/1', 'b/1')
    const [stale, staleToo] = await claimEvents(database, 10, 60_000)
    await endPauses()
    await claimEvents(database, 10, 60_000)
    if (stale === undefined || staleToo === undefined) throw new RangeError('two events expected')
    await settleEvents(database, [
      { claimed: stale, outcome: 'failed', error: 'late', delayMs: 0 },
      { claimed: staleToo, outcome: 'published' },
    ])
    expect(await waiting()).toEqual(['a/1'])
    expect(await relayOf().runOnce()).toMatchObject({ claimed: 0 })
  })

  test('nothing is begun that could outlast the lease', async () => {
    const clock = new FakeClock()
    broker.onPublish = async () => void (await clock.advance(600))
    await append('a/1', 'a/2', 'a/3')
    const relay = relayOf({ clock, leaseMs: 1500, publishTimeoutMs: 700 })
    expect(await relay.runOnce()).toEqual({ claimed: 3, published: 2, failed: 0 })
    expect(await waiting()).toEqual(['a/3'])
  })

  test('a broker that hangs fails at the deadline', async () => {
    const clock = new FakeClock()
    const entered = Promise.withResolvers<AbortSignal | undefined>()
    broker.onPublish = (_event, { signal }) => {
      entered.resolve(signal)
      return new Promise(() => {})
    }
    await append('a/1')
    const round = relayOf({ clock, publishTimeoutMs: 50 }).runOnce()
    const signal = await entered.promise
    await clock.advance(50)
    expect(await round).toMatchObject({ failed: 1 })
    expect(signal?.aborted).toBe(true)
  })

  test('a broker may open transactions of its own, and with an inbox a repeated publication changes nothing', async () => {
    const inbox = new Inbox({ database })
    let effects = 0
    let isFirst = true
    const handle = async (consumer: string, messageId: string): Promise<void> => {
      await inbox.handle({ consumer, messageId }, async () => void effects++)
    }
    broker.onPublish = async (event) => {
      await handle('one', event.id)
      await handle('two', event.id)
      if (isFirst) {
        isFirst = false
        throw new Error('after the effect')
      }
    }
    await append('a/1', 'b/1')
    const relay = relayOf()
    expect(await relay.runOnce()).toMatchObject({ failed: 1 })
    await endPauses()
    expect(await relay.runOnce()).toMatchObject({ published: 1 })
    expect(effects).toBe(4)
  })

  test('several relays at once lose nothing and keep each subject in order', async () => {
    const subjects = ['a', 'b', 'c', 'd', 'e', 'f']
    for (let number = 10; number < 40; number++)
      await append(...subjects.map((subject) => `${subject}/${number}`))
    broker.onPublish = async ({ id }) => {
      if (id.endsWith('7') && Math.random() < 0.5) throw new Error('now and then')
    }
    const relays = [0, 1, 0, 1].map((index) =>
      relayOf({
        database: databases()[index] ?? database,
        maxBatchLength: 7,
        initialDelayMs: 1,
        maxDelayMs: 1,
      }),
    )
    const drain = async (relay: OutboxRelay): Promise<void> => {
      while ((await waiting()).length > 0) await relay.runOnce()
    }
    await Promise.all(relays.map(drain))
    for (const subject of subjects) {
      const ids = broker.published.filter((id) => id.startsWith(subject))
      expect(ids).toEqual(Array.from({ length: 30 }, (_, index) => `${subject}/${index + 10}`))
    }
  })

  describe('running', () => {
    test('a new event wakes a relay that would not look for ten minutes', async () => {
      const controller = new AbortController()
      const published = Promise.withResolvers<void>()
      broker.onPublish = async () => published.resolve()
      const looked = Promise.withResolvers<void>()
      const clock = new FakeClock()
      const schedule = clock.schedule.bind(clock)
      clock.schedule = (delayMs, callback) => {
        if (delayMs === 600_000) looked.resolve()
        return schedule(delayMs, callback)
      }
      const running = relayOf({ clock, pollIntervalMs: 600_000 }).run({ signal: controller.signal })
      await looked.promise
      await append('a/1')
      await published.promise
      controller.abort()
      await running
      expect(await waiting()).toEqual([])
    })

    test('what it published is counted, and the age of what waits is shown until nothing does', async () => {
      const metrics = new RecordingMetrics()
      const stopping = new AbortController()
      const lag = (): number | undefined => metrics.gaugeValue('outbox_lag_seconds')
      broker.onPublish = () => Promise.reject(new Error('no'))
      await append('a/1')
      const changes = { metrics, pollIntervalMs: 10, initialDelayMs: 1, maxDelayMs: 1 }
      const running = relayOf(changes).run({ signal: stopping.signal })
      await vi.waitFor(() => expect(lag()).toBeGreaterThan(0), { timeout: 100_000 })
      expect(metrics.counterValue('outbox_published_total')).toBe(0)
      broker.onPublish = async () => {}
      await vi.waitFor(() => expect(lag()).toBe(0), { timeout: 100_000 })
      expect(metrics.counterValue('outbox_published_total', { type: 'test.happened' })).toBe(1)
      stopping.abort()
      await running
    })

    test('it polls where nothing wakes it, and outlives a database that fails', async () => {
      const clock = new FakeClock()
      let failures = 2
      const flaky: SqlDatabase = {
        capabilities: database.capabilities,
        query: async (text, values) => {
          if (failures-- > 0) throw new Error('gone')
          return database.query(text, values)
        },
        script: (text) => database.script(text),
        transaction: (run) => database.transaction(run),
        session: (run) => database.session(run),
      }
      await append('a/1')
      const controller = new AbortController()
      const published = Promise.withResolvers<void>()
      broker.onPublish = async () => published.resolve()
      const delays: number[] = []
      const schedule = clock.schedule.bind(clock)
      clock.schedule = (delayMs, callback) => {
        delays.push(delayMs)
        const timer = schedule(delayMs, callback)
        // Time stands still while an event is published, which is what the longest of these timers watches.
        if (delayMs < 10_000) setImmediate(() => void clock.advance(delayMs))
        return timer
      }
      const logger = new RecordingLogger()
      const relay = relayOf({ database: flaky, clock, logger, random: () => 1 })
      const running = relay.run({ signal: controller.signal })
      await published.promise
      controller.abort()
      await running
      expect(delays.slice(0, 3)).toEqual([500, 1000, 10_000])
      expect(logger.lines).toEqual(
        [
          { failures: 1, delayMs: 500 },
          { failures: 2, delayMs: 1000 },
        ].map((facts) => ({
          level: 'error',
          message: 'outbox relay round failed',
          fields: { err: new Error('gone'), ...facts },
        })),
      )
    })

    test('stopped amid a batch it finishes what runs, writes it down and leaves the rest to others', async () => {
      const controller = new AbortController()
      broker.onPublish = async () => controller.abort()
      await append('a/1', 'a/2', 'b/1')
      await relayOf({ maxConcurrent: 1 }).run({ signal: controller.signal })
      expect(broker.published).toEqual(['a/1'])
      expect(await waiting()).toEqual(['a/2', 'b/1'])
      broker.onPublish = async () => {}
      expect(await relayOf().runOnce()).toMatchObject({ published: 2 })
    })
  })

  describe('events that were published long ago', () => {
    const DAY_MS = 86_400_000
    const kept = async (): Promise<readonly string[]> => {
      const { rows } = await database.query<{ event_id: string }>(
        'SELECT event_id FROM outbox ORDER BY position',
      )
      return rows.map((row) => row.event_id)
    }
    /** Published so many days ago. */
    const age = async (days: number, ...ids: string[]): Promise<void> =>
      void (await database.query(
        `UPDATE outbox SET published_at = clock_timestamp() - $2::int * interval '1 day' WHERE event_id = ANY ($1::text[])`,
        [ids, days],
      ))

    test('are forgotten in bounded steps, the oldest first; what waits, what is younger and the newest stay', async () => {
      await append('waits', 'young', 'old', 'older', 'newest')
      await age(1, 'young')
      await age(8, 'old', 'newest')
      await age(9, 'older')
      expect(await relayOf().forgetPublished({ retentionMs: 7 * DAY_MS, limit: 1 })).toBe(1)
      expect(await kept()).toEqual(['waits', 'young', 'old', 'newest'])
      expect(await relayOf().forgetPublished({ retentionMs: 7 * DAY_MS })).toBe(1)
      expect(await kept()).toEqual(['waits', 'young', 'newest'])
    })

    test('are forgotten while a relay runs, more than one step of them', async () => {
      const ids = Array.from({ length: 1200 }, (_, index) => `old-${index}`)
      await append(...ids)
      await age(3, ...ids)
      await append('a/1')
      const controller = new AbortController()
      const running = relayOf({ retentionMs: 2 * DAY_MS, pollIntervalMs: 10 }).run({
        signal: controller.signal,
      })
      await vi.waitFor(async () => expect(await kept()).toEqual(['a/1']), { timeout: 100_000 })
      controller.abort()
      await running
      expect(broker.published).toEqual(['a/1'])
    })

    test('are published on while they cannot be forgotten', async () => {
      const controller = new AbortController()
      const failing: SqlDatabase = {
        ...{ capabilities: database.capabilities, script: (text) => database.script(text) },
        ...{ transaction: (run) => database.transaction(run), session: (run) => database.session(run) },
        query: async (text, values) => {
          if (text.startsWith('DELETE')) throw new Error('gone')
          return database.query(text, values)
        },
      }
      await append('a/1')
      const logger = new RecordingLogger()
      const relay = relayOf({ database: failing, pollIntervalMs: 10, logger })
      const running = relay.run({ signal: controller.signal })
      await vi.waitFor(() => expect(broker.published).toEqual(['a/1']), { timeout: 100_000 })
      await append('a/2')
      await vi.waitFor(() => expect(broker.published).toEqual(['a/1', 'a/2']), { timeout: 100_000 })
      controller.abort()
      await running
      const told = { level: 'warn', fields: { err: new Error('gone') } }
      expect(logger.lines[0]).toEqual({ ...told, message: 'published events not forgotten' })
    })

    test('a relay that cannot listen tells so, and looks', async () => {
      const controller = new AbortController()
      const deaf: SqlDatabase = {
        ...{ capabilities: database.capabilities, script: (text) => database.script(text) },
        ...{ transaction: (run) => database.transaction(run), session: (run) => database.session(run) },
        query: (text, values) => database.query(text, values),
        listen: () => Promise.reject(new Error('no listening here')),
      }
      const logger = new RecordingLogger()
      const relay = relayOf({ database: deaf, pollIntervalMs: 10, logger })
      const running = relay.run({ signal: controller.signal })
      await append('a/1')
      await vi.waitFor(() => expect(broker.published).toEqual(['a/1']), { timeout: 100_000 })
      controller.abort()
      await running
      const told = { level: 'warn', fields: { err: new Error('no listening here') } }
      expect(logger.lines).toEqual([{ ...told, message: 'outbox relay cannot listen and only polls' }])
    })

    test('are removed once by two who do so at once', async () => {
      const ids = Array.from({ length: 700 }, (_, index) => `old-${index}`)
      await append(...ids, 'newest')
      await age(3, ...ids)
      const counts = await Promise.all(
        databases().map((one) =>
          new OutboxRelay({ database: one, broker }).forgetPublished({ retentionMs: 2 * DAY_MS }),
        ),
      )
      // Each leaves to the other what that one holds.
      const left = await relayOf().forgetPublished({ retentionMs: 2 * DAY_MS })
      expect([...counts, left].reduce((sum, count) => sum + count, 0)).toBe(700)
      expect(await kept()).toEqual(['newest'])
    })

    test('a time or number that is none is refused', async () => {
      for (const [option, bad] of [
        ['retentionMs', { retentionMs: DAY_MS - 1 }],
        ['retentionMs', { retentionMs: Number.NaN }],
        ['limit', { retentionMs: DAY_MS, limit: 0 }],
      ] as const) {
        await expect(relayOf().forgetPublished(bad)).rejects.toEqual(invalidOption(option))
      }
      expect(() => relayOf({ retentionMs: 1 })).toThrow('retentionMs')
    })
  })

  function eventOf(id: string, tenantId: string): EventEnvelope {
    const [subject] = id.split('/')
    const isAlone = !id.includes('/')
    return createEvent(
      {
        id,
        source: 'test',
        type: 'test.happened',
        tenantId,
        ...(isAlone || subject === undefined ? {} : { subject }),
        data: { id, text: 'Grüße, 世界' },
      },
      new Date('2026-01-01T00:00:00.000Z'),
    )
  }
}
