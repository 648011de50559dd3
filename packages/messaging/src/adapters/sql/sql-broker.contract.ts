import { randomUUID } from 'node:crypto'
import type { Alert } from '@golden-arch/core/observability'
import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, expect, test, vi } from 'vitest'
import { type PostponementScene, postponementContract } from '../../consumer/postponement.contract.ts'
import type { BrokerDelivery } from '../../ports/message-broker.ts'
import { describeMessageBroker } from '../../testing/message-broker.contract.ts'
import { claimDeliveries } from './claim-deliveries.ts'
import { pruneMessages } from './prune-messages.ts'
import { putBack, renew } from './settle-deliveries.ts'
import { SqlAttemptStore } from './sql-attempt-store.ts'
import { SqlBroker } from './sql-broker.ts'
import type { SqlBrokerOptions } from './sql-broker-options.ts'

const HUB = { durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5 }
const failPruning = (error: unknown): never => {
  throw error
}
const streamOf = (subject: string): string => subject.slice(0, -2)

/** What a {@link SqlBroker} promises on any database; `databases` are two ways to the same one. */
export function sqlBrokerContract(databases: () => readonly [SqlDatabase, SqlDatabase]): void {
  const opened: SqlBroker[] = []
  const ownStream = (): Pick<PostponementScene, 'broker' | 'stream'> => {
    const broker = new SqlBroker({ database: databases()[0], pollIntervalMs: 10 })
    opened.push(broker)
    const stream = randomName('S')
    return { broker, stream: { stream, subjects: [`${stream}.>`] } }
  }
  afterAll(async () => void (await Promise.all(opened.map((broker) => broker.close({ drainTimeoutMs: 0 })))))
  postponementContract('counted beside the delivery', ownStream)
  postponementContract('counted in a table of its own', () => ({
    ...ownStream(),
    attempts: new SqlAttemptStore({ database: databases()[0] }),
  }))

  test('of a dead letter the alert sink is told, by its kind', async () => {
    const alerts: Alert[] = []
    const { broker, subject } = await openStream({ alerts: { raise: (alert) => alerts.push(alert) } })
    for (const messageId of ['1', '2'])
      await broker.publish({ subject, messageId, payload: new Uint8Array(1) })
    await broker.subscribe({ ...HUB, stream: streamOf(subject) }, async (delivery) => {
      const why = { reason: 'no use', code: 'NO_USE', attempts: 1, tenantId: 'acme' }
      await delivery.settle({ kind: 'dead-letter', ...why })
    })
    const sum = (): number => alerts.reduce((total, { details }) => total + Number(details?.count), 0)
    await vi.waitFor(() => expect(sum()).toBe(2), { timeout: 100_000 })
    expect(alerts[0]).toMatchObject({ kind: 'deadLetter.recorded', tenantId: 'acme' })
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('a dead letter whose message names no tenant is for the one that the broker is told, or for nobody', async () => {
    for (const unknownTenantId of ['home', undefined]) {
      const { broker, subject } = await openStream({ unknownTenantId })
      for (const messageId of ['nobody', 'acme'])
        await broker.publish({ subject, messageId, payload: new Uint8Array(1) })
      await broker.subscribe({ ...HUB, stream: streamOf(subject) }, async (delivery) => {
        const tenantId = delivery.message.messageId === 'acme' ? 'acme' : null
        await delivery.settle({
          kind: 'dead-letter',
          reason: 'no use',
          code: 'NO_USE',
          attempts: 1,
          tenantId,
        })
      })
      const recorded = async (): Promise<unknown> => {
        const { rows } = await databases()[0].query(
          `SELECT message_id, tenant_id FROM dlq_messages WHERE original_subject = $1 ORDER BY message_id`,
          [subject],
        )
        return rows
      }
      await vi.waitFor(
        async () =>
          expect(await recorded()).toEqual([
            { message_id: 'acme', tenant_id: 'acme' },
            { message_id: 'nobody', tenant_id: unknownTenantId ?? null },
          ]),
        { timeout: 100_000 },
      )
      await broker.close({ drainTimeoutMs: 5000 })
    }
  })

  test('a publication beyond those that may wait is refused, and those that wait are stored', async () => {
    const { broker, subject } = await openStream({ maxQueueLength: 2 })
    const ends = await Promise.allSettled(
      ['1', '2', '3'].map((messageId) => broker.publish({ subject, messageId, payload: new Uint8Array(1) })),
    )
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'BROKER_OVERLOADED', retryable: true, details: { maxQueueLength: 2 } },
    })
    await broker.publish({ subject, messageId: '3', payload: new Uint8Array(1) })
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('what goes in one statement has a bound in bytes too', async () => {
    const [database] = databases()
    const groups: number[] = []
    const query: SqlDatabase['query'] = (text, values, options) => {
      if (text.includes('INSERT INTO messages')) groups.push([values?.[0]].flat().length)
      return database.query(text, values, options)
    }
    const { capabilities } = database
    const counted = { capabilities, query, transaction: database.transaction.bind(database) }
    // All that a broker without LISTEN uses of a database.
    const { broker, subject } = await openStream({ database: counted as SqlDatabase, maxBatchBytes: 1024 })
    const publish = (messageId: string, length: number) =>
      broker.publish({ subject, messageId, payload: new Uint8Array(length) })
    await publish('first', 1)
    groups.length = 0
    await Promise.all([publish('a', 512), publish('b', 512), publish('c', 3000), publish('d', 1)])
    expect(groups.sort()).toEqual([1, 1, 2])
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('what PostgreSQL cannot hold of one message keeps none of its group from being stored', async () => {
    const { broker, subject } = await openStream()
    const headers = { 'x-hostile': ['nul \u0000', 'cut \ud83d'] }
    const publish = (messageId: string, more: object = {}) =>
      broker.publish({ subject, messageId, payload: new Uint8Array(1), ...more })
    const [, hostile] = await Promise.all([publish('1'), publish('2', { headers }), publish('3')])
    const stored = await broker.findStored({ stream: streamOf(subject), sequence: hostile.sequence })
    expect(stored?.headers).toEqual({ 'x-hostile': ['nul \ufffd', 'cut \ufffd'] })
    // Such ids would be stored as one and the same.
    await expect(publish('4\ud83d')).rejects.toEqual(invalidOption('messageId'))
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('a delivery that was put back is held under its lease no longer', async () => {
    const [database] = databases()
    const { broker, subject } = await openStream()
    const stream = streamOf(subject)
    const subscription = await broker.subscribe({ ...HUB, stream }, async () => {})
    await subscription.close({ drainTimeoutMs: 0 })
    await broker.publish({ subject, messageId: '1', payload: new Uint8Array(1) })
    const claim = { stream, consumer: 'hub', limit: 1, leaseMs: 30_000, leaseId: randomUUID() }
    const taken = await claimDeliveries(database, claim)
    expect(await renew(database, 'hub', taken, 30_000)).toEqual([true])
    const late = taken.map((delivery) => ({ delivery, afterMs: 60_000 }))
    expect(await putBack(database, 'hub', late)).toEqual([true])
    expect(await renew(database, 'hub', taken, 30_000)).toEqual([false])
    expect(await putBack(database, 'hub', late)).toEqual([false])
    await broker.close({ drainTimeoutMs: 0 })
  })

  test('a message published in a transaction comes and goes with it', async () => {
    const [database] = databases()
    const { broker, subject } = await openStream()
    const seen: (string | null)[] = []
    await broker.subscribe({ ...HUB, stream: streamOf(subject) }, async (delivery) => {
      seen.push(delivery.message.messageId)
      await delivery.settle({ kind: 'ack' })
    })
    const message = { subject, payload: new Uint8Array(1) }
    const undone = database.transaction(async (tx) => {
      await broker.publish({ ...message, messageId: 'undone' }, { tx })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await database.transaction((tx) => broker.publish({ ...message, messageId: 'done' }, { tx }))
    await vi.waitFor(() => expect(seen).toEqual(['done']), { timeout: 100_000 })
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('what is older than its stream keeps goes, unless a consumer has still to settle it', async () => {
    const [database] = databases()
    const { broker, subject } = await openStream()
    const stream = streamOf(subject)
    const publish = (messageId: string) => broker.publish({ subject, messageId, payload: new Uint8Array(1) })
    await publish('settled')
    const subscription = await broker.subscribe({ ...HUB, stream, startAt: 'new' }, async () => {})
    await subscription.close({ drainTimeoutMs: 0 })
    await publish('waiting')
    await database.query("UPDATE messages SET stored_at = stored_at - interval '8 days' WHERE stream = $1", [
      stream,
    ])
    await publish('young')
    await pruneMessages(database, 1000, failPruning)
    const { rows } = await database.query<{ message_id: string }>(
      'SELECT message_id FROM messages WHERE stream = $1 ORDER BY sequence',
      [stream],
    )
    expect(rows.map((row) => row.message_id)).toEqual(['waiting', 'young'])
    await broker.close({ drainTimeoutMs: 0 })
  })

  test('what is too old goes also where all publish in transactions', async () => {
    const [database] = databases()
    const clock = new FakeClock()
    const { broker, subject } = await openStream({ clock })
    const stream = streamOf(subject)
    await database.transaction((tx) =>
      broker.publish({ subject, messageId: 'old', payload: new Uint8Array(1) }, { tx }),
    )
    await database.query("UPDATE messages SET stored_at = stored_at - interval '8 days' WHERE stream = $1", [
      stream,
    ])
    await clock.advance(60_000)
    await broker.subscribe({ ...HUB, stream, startAt: 'new' }, async () => {})
    const held = async () =>
      (await database.query('SELECT 1 FROM messages WHERE stream = $1', [stream])).rowCount
    await vi.waitFor(async () => expect(await held()).toBe(0), { timeout: 100_000 })
    await broker.close({ drainTimeoutMs: 0 })
  })

  test('the bytes of a stream with a bound are those that it holds, whoever adds them and whatever is undone or removed', async () => {
    const [database, second] = databases()
    const stream = randomName('s')
    const subject = `${stream}.x`
    const bounded = [{ stream, subjects: [`${stream}.>`], maxBytes: 1_048_576 }]
    const brokers = [database, second].map((one) => new SqlBroker({ database: one, maxBatchLength: 3 }))
    const [broker, other] = brokers as [SqlBroker, SqlBroker] // two databases, two brokers
    const messageOf = (id: string, length = 100) => ({
      subject,
      messageId: id,
      payload: new Uint8Array(length),
      headers: { 'x-test': ['Grüße'] },
    })
    const counts = async (): Promise<unknown> => {
      const { rows } = await database.query(
        `SELECT (SELECT sum(bytes) FROM message_stream_bytes WHERE stream = $1) AS counted,
                (SELECT sum(messages_size(subject, message_id, headers, payload))
                   FROM messages WHERE stream = $1) AS held`,
        [stream],
      )
      return rows[0]
    }
    const agrees = async (): Promise<void> => {
      const found = await counts()
      expect(found).toEqual({ counted: expect.any(String), held: Reflect.get(Object(found), 'counted') })
    }
    await broker.ensure([{ stream, subjects: [`${stream}.>`] }])
    await broker.publish(messageOf('before'))
    await other.ensure(bounded)
    await agrees()
    const ids = Array.from({ length: 30 }, (_, index) => `m-${index % 20}`)
    await Promise.all(ids.map((id, index) => (index % 2 === 0 ? broker : other).publish(messageOf(id))))
    for (const isolation of ['read committed', 'repeatable read'] as const) {
      await database.transaction((tx) => broker.publish(messageOf(isolation), { tx }), { isolation })
      const undone = database.transaction(
        async (tx) => {
          await broker.publish(messageOf(`${isolation} undone`), { tx })
          throw new Error('undone')
        },
        { isolation },
      )
      await expect(undone).rejects.toThrow('undone')
    }
    await agrees()
    const tooLarge = broker.publish(messageOf('too large', 1_048_576))
    const fits = broker.publish(messageOf('fits beside it'))
    await expect(tooLarge).rejects.toMatchObject({ code: 'STREAM_FULL', retryable: true })
    expect(await fits).toMatchObject({ isDuplicate: false })
    await database.query(
      `UPDATE messages SET stored_at = stored_at - interval '8 days'
        WHERE stream = $1 AND sequence < (SELECT max(sequence) FROM messages WHERE stream = $1)`,
      [stream],
    )
    await pruneMessages(database, 1000, failPruning)
    await agrees()
    for (const one of [broker, other]) await one.close({ drainTimeoutMs: 0 })
  })

  test('a message that fills its stream to the last byte is taken, and one byte more is not', async () => {
    const [database] = databases()
    const stream = randomName('s')
    const subject = `${stream}.x`
    const maxBytes = 1_048_576
    const broker = new SqlBroker({ database })
    await broker.ensure([{ stream, subjects: [`${stream}.>`], maxBytes }])
    const { rows } = await database.query<{ size: bigint }>(
      `SELECT messages_size($1, 'full', '{}'::jsonb, ''::bytea) AS size`,
      [subject],
    )
    const length = maxBytes - Number(rows[0]?.size)
    const publish = (bytes: number) =>
      broker.publish({ subject, messageId: 'full', payload: new Uint8Array(bytes) })
    await expect(publish(length + 1)).rejects.toMatchObject({ code: 'STREAM_FULL' })
    expect(await publish(length)).toMatchObject({ isDuplicate: false })
    await broker.close({ drainTimeoutMs: 0 })
  })

  test('what waits is taken to its end, however little fits at once and long the poll interval', async () => {
    const { broker, subject } = await openStream({ pollIntervalMs: 600_000 })
    const ids = ['a', 'b', 'c', 'd', 'e']
    for (const messageId of ids) await broker.publish({ subject, messageId, payload: new Uint8Array(1) })
    const came: (string | null)[] = []
    await broker.subscribe({ ...HUB, stream: streamOf(subject), prefetch: 2 }, async (delivery) => {
      came.push(delivery.message.messageId)
      await delivery.settle({ kind: 'ack' })
    })
    await vi.waitFor(() => expect(came.toSorted()).toEqual(ids), { timeout: 100_000 })
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('a heartbeat learns that another process has the message', async () => {
    const [database] = databases()
    const { broker, subject } = await openStream()
    const stream = streamOf(subject)
    const lost = Promise.withResolvers<void>()
    await broker.subscribe({ ...HUB, stream, leaseMs: 3_600_000 }, async (delivery) => {
      delivery.signal.addEventListener('abort', () => lost.resolve())
      await database.query('UPDATE message_deliveries SET lease_id = gen_random_uuid() WHERE stream = $1', [
        stream,
      ])
      delivery.heartbeat()
      await lost.promise
    })
    await broker.publish({ subject, messageId: 'a', payload: new Uint8Array(1) })
    await lost.promise
    await broker.close({ drainTimeoutMs: 5000 })
  })

  test('publications that a deadlock undid are made again', async () => {
    const [database] = databases()
    let deadlocks = 1
    const unlucky: SqlDatabase = {
      capabilities: database.capabilities,
      query: async (text, values, options) => {
        if (text.includes('INSERT INTO messages') && deadlocks-- > 0)
          throw StorageError.of('DEADLOCK', 'undone')
        return database.query(text, values, options)
      },
      script: (text) => database.script(text),
      transaction: (run, options) => database.transaction(run, options),
      session: (run) => database.session(run),
    }
    const { broker, subject } = await openStream({ database: unlucky })
    const receipt = await broker.publish({ subject, messageId: 'a', payload: new Uint8Array(1) })
    expect([receipt.isDuplicate, deadlocks]).toEqual([false, -1])
    await broker.close({ drainTimeoutMs: 0 })
  })

  test('each retry comes when it is due, however long the poll interval, also after its process has gone', async () => {
    const [, second] = databases()
    const { broker, subject } = await openStream({ pollIntervalMs: 600_000 })
    const stream = streamOf(subject)
    const came: string[] = []
    const receive = async (delivery: BrokerDelivery): Promise<void> => {
      const { message, deliveries } = delivery
      came.push(`${message.messageId} ${deliveries}`)
      const isDone = deliveries === (message.messageId === 'd' ? 3 : 2)
      await delivery.settle(
        isDone ? { kind: 'ack' } : { kind: 'retry', afterMs: came.length * 150, reason: 'no' },
      )
    }
    await broker.subscribe({ ...HUB, stream }, receive)
    const publish = (messageId: string) => broker.publish({ subject, messageId, payload: new Uint8Array(1) })
    for (const messageId of ['a', 'b', 'c']) await publish(messageId)
    const patience = { timeout: 100_000 }
    await vi.waitFor(() => expect(came).toHaveLength(6), patience)
    // One may come again before another has come at all.
    expect(came.toSorted()).toEqual(['a 1', 'a 2', 'b 1', 'b 2', 'c 1', 'c 2'])

    await publish('d')
    await vi.waitFor(() => expect(came).toContain('d 1'), patience)
    await broker.close({ drainTimeoutMs: 5000 })
    const later = new SqlBroker({ database: second, pollIntervalMs: 600_000 })
    await later.subscribe({ ...HUB, stream }, receive)
    await vi.waitFor(() => expect(came.slice(6)).toEqual(['d 1', 'd 2', 'd 3']), patience)
    await later.close({ drainTimeoutMs: 5000 })
  })

  /** A broker on the first database, and the subject of a new stream. */
  async function openStream(
    options: Partial<SqlBrokerOptions> = {},
  ): Promise<{ readonly broker: SqlBroker; readonly subject: string }> {
    const [database] = databases()
    const broker = new SqlBroker({ database, pollIntervalMs: 50, publishTimeoutMs: 60_000, ...options })
    const stream = randomName('s')
    await broker.ensure([{ stream, subjects: [`${stream}.>`] }])
    return { broker, subject: `${stream}.x` }
  }

  describeMessageBroker('SqlBroker', async () => {
    const [database, second] = databases()
    const name = randomName('S').slice(0, 60)
    const other = new SqlBroker({ database: second, pollIntervalMs: 50, publishTimeoutMs: 60_000 })
    return {
      broker: new SqlBroker({ database, pollIntervalMs: 50, publishTimeoutMs: 60_000 }),
      other,
      name,
      deadLetters: async () => {
        const { rows } = await database.query<{ messageId: string; error: string; attempts: number }>(
          `SELECT message_id AS "messageId", error, attempts FROM dlq_messages
            WHERE source_stream = $1 ORDER BY dlq_id`,
          [name],
        )
        return rows
      },
      close: async () => void (await other.close({ drainTimeoutMs: 0 })),
    }
  })
}
