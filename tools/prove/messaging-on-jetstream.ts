/**
 * Proves on a nats-server and a PostgreSQL of its own that no message is lost on JetStream: the server is killed while
 * 50,000 messages are published, consumers are killed while they hold 500 messages, one message kills each process that
 * handles it, and the database is stopped while messages become dead letters. Prints figures; exit code 1 if a message
 * was lost, handled twice or given up without need. A first argument of 0 to 1 scales the numbers down.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createPostgresSchema, startNats, startPostgres } from '@golden-arch/testkit'
import pg from 'pg'
import { createEvent, type EventEnvelope } from '../../packages/core/src/events/index.ts'
import { PgDatabase } from '../../packages/core/src/storage/index.ts'
import {
  type JetStreamNamespace,
  openJetStream,
  until,
} from '../../packages/messaging/src/adapters/jetstream/testing/jetstream-namespace.ts'
import { Inbox } from '../../packages/messaging/src/adapters/sql/inbox.ts'
import { DeadLetterRecorder } from '../../packages/messaging/src/dead-letters/dead-letter-recorder.ts'
import { countDeadLetters } from '../../packages/messaging/src/dead-letters/group-dead-letters.ts'
import { encodeEvent } from '../../packages/messaging/src/envelope.ts'
import { prepareMessaging } from '../../packages/messaging/src/testing/messaging-databases.ts'

const scale = Number(process.argv[2] ?? '1')
const PUBLISHED = Math.max(100, Math.round(50_000 * scale))
const CONSUMED = Math.max(100, Math.round(4_000 * scale))
const DEAD = Math.max(50, Math.round(2_000 * scale))
const PROCESS = fileURLToPath(
  new URL('../../packages/messaging/src/adapters/jetstream/testing/consumer-process.ts', import.meta.url),
)
const ALL = { allTenants: true } as const

const figures: Record<string, Record<string, number>> = {}
const wrong: string[] = []
const nats = await startNats()
const postgres = await startPostgres()
const schema = await createPostgresSchema(postgres.address)
const pool = new pg.Pool({ ...schema.poolConfig, max: 8 })
pool.on('error', () => {})
const database = new PgDatabase({ pool })
await prepareMessaging(database)
await database.script('CREATE TABLE effects (event_id text NOT NULL)')
try {
  await serverKilled()
  await consumerKilled()
  await poisonAtTheHead()
  await databaseStopped()
} finally {
  console.table(figures)
  for (const one of wrong) console.log(`WRONG: ${one}`)
  await pool.end()
  await postgres.stop()
  await nats.stop()
}
if (wrong.length > 0) process.exitCode = 1

async function serverKilled(): Promise<void> {
  const space = await openJetStream(nats.address)
  const broker = space.broker({ publishTimeoutMs: 2000 })
  await broker.ensure([space.stream])
  let next = 0
  let acknowledged = 0
  let repeated = 0
  let kills = 0
  const publisher = async (): Promise<void> => {
    for (let number = next++; number < PUBLISHED; number = next++) {
      const message = { subject: space.subject('x'), messageId: `m-${number}`, payload: new Uint8Array(256) }
      for (;;) {
        try {
          await broker.publish(message)
          break
        } catch {
          repeated++
        }
      }
      acknowledged++
    }
  }
  const killer = async (): Promise<void> => {
    for (const share of [0.2, 0.5, 0.8]) {
      await until(() => acknowledged >= PUBLISHED * share)
      await nats.kill()
      kills++
      await nats.restart()
    }
  }
  await Promise.all([killer(), ...Array.from({ length: 256 }, publisher)])
  const inbox = new Inbox({ database })
  const handled = new Map<string, number>()
  let deliveries = 0
  const { stream } = space.stream
  const options = { stream, durable: 'hub', prefetch: 200, leaseMs: 30_000, maxAttempts: 5 }
  // What is asked while the connection is lost gets no answer; then it is asked anew.
  await until(() =>
    broker.findStored({ stream, sequence: '1' }).then(
      () => true,
      () => false,
    ),
  )
  const subscription = await broker.subscribe(options, async (delivery) => {
    const messageId = delivery.message.messageId ?? ''
    deliveries++
    await inbox.handle({ consumer: stream, messageId }, async () => {
      handled.set(messageId, (handled.get(messageId) ?? 0) + 1)
    })
    await delivery.settle({ kind: 'ack' })
  })
  while ((await subscription.pending()) > 0) await new Promise((resolve) => setTimeout(resolve, 200))
  const lost = PUBLISHED - handled.size
  const twice = [...handled.values()].filter((count) => count > 1).length
  figures['server killed'] = {
    kills,
    messages: acknowledged,
    'publications repeated': repeated,
    deliveries,
    lost,
    twice,
  }
  if (lost > 0 || twice > 0) wrong.push(`server killed: ${lost} lost, ${twice} twice`)
  await broker.close({ drainTimeoutMs: 5000 })
  await space.close()
}

async function consumerKilled(): Promise<void> {
  const space = await openJetStream(nats.address)
  await fill(space, CONSUMED, false)
  const before = await effects()
  for (const share of [0.2, 0.5, 0.8]) {
    const child = startConsumer(space)
    await until(async () => (await effects()).rows - before.rows >= CONSUMED * share)
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  const last = startConsumer(space)
  await until(async () => (await effects()).distinct - before.distinct >= CONSUMED)
  last.kill('SIGKILL')
  await once(last, 'close')
  const after = await effects()
  const lost = CONSUMED - (after.distinct - before.distinct)
  const twice = after.rows - before.rows - (after.distinct - before.distinct)
  figures['consumer killed'] = { kills: 3, messages: CONSUMED, lost, twice }
  if (lost > 0 || twice > 0) wrong.push(`consumer killed: ${lost} lost, ${twice} twice`)
  await space.close()
}

async function poisonAtTheHead(): Promise<void> {
  const space = await openJetStream(nats.address)
  await fill(space, 500, true)
  const recorder = new DeadLetterRecorder({
    broker: space.broker(),
    database,
  })
  const stop = new AbortController()
  const recording = recorder.run({ signal: stop.signal })
  const before = await effects()
  let deaths = 0
  let isOver = false
  const over = async (): Promise<boolean> =>
    (await effects()).distinct - before.distinct >= 499 && (await recordedOf(space)) >= 1
  const watching = until(over).then(() => {
    isOver = true
    child.kill('SIGKILL')
  })
  let child = startConsumer(space)
  while (!isOver) {
    await once(child, 'close')
    if (isOver) break
    deaths++
    child = startConsumer(space)
  }
  await watching
  stop.abort()
  await recording
  const after = await effects()
  const handled = after.distinct - before.distinct
  const dead = await recordedOf(space)
  figures['poison at the head'] = { kills: deaths, messages: 500, handled, 'dead letters': dead }
  if (handled !== 499 || dead !== 1) wrong.push(`poison: ${handled} of 499 handled, ${dead} dead letters`)
  await space.close()
}

async function databaseStopped(): Promise<void> {
  const space = await openJetStream(nats.address)
  const broker = space.broker()
  await broker.ensure([space.stream])
  const before = (await countDeadLetters(database, ALL)).total
  const stop = new AbortController()
  const recorders = [1, 2].map(() =>
    new DeadLetterRecorder({ broker, database, maxDelayMs: 2000 }).run({
      signal: stop.signal,
    }),
  )
  let given = 0
  const { stream } = space.stream
  await broker.subscribe(
    { stream, durable: 'hub', prefetch: 50, leaseMs: 30_000, maxAttempts: 1 },
    async (one) => {
      const settlement = {
        kind: 'dead-letter',
        reason: 'no',
        code: 'NO',
        attempts: 1,
        tenantId: 'acme',
      } as const
      if (await one.settle(settlement)) given++
    },
  )
  const publishing = Promise.all(
    Array.from({ length: DEAD }, (_, index) =>
      broker.publish({ subject: space.subject('x'), messageId: `d-${index}`, payload: new Uint8Array(64) }),
    ),
  )
  await until(() => given >= DEAD * 0.2)
  await postgres.kill()
  await publishing
  await until(() => given >= DEAD)
  await postgres.restart()
  const total = async (): Promise<number> => {
    try {
      return (await countDeadLetters(database, ALL)).total - before
    } catch {
      return 0
    }
  }
  await until(async () => (await total()) >= DEAD)
  const { rows } = await database.query<{ rows: bigint; ids: bigint }>(
    'SELECT count(*) AS rows, count(DISTINCT message_id) AS ids FROM dlq_messages WHERE source_stream = $1',
    [stream],
  )
  const found = Number(rows[0]?.rows ?? 0)
  const distinct = Number(rows[0]?.ids ?? 0)
  figures['database stopped'] = { kills: 1, messages: DEAD, lost: DEAD - distinct, twice: found - distinct }
  if (distinct !== DEAD || found !== distinct)
    wrong.push(`database stopped: ${distinct} of ${DEAD}, ${found} rows`)
  stop.abort()
  await Promise.all(recorders)
  await broker.close({ drainTimeoutMs: 5000 })
  await space.close()
}

async function fill(space: JetStreamNamespace, count: number, isPoisoned: boolean): Promise<void> {
  const broker = space.broker()
  await broker.ensure([space.stream])
  for (let start = 0; start < count; start += 100) {
    const numbers = Array.from({ length: Math.min(100, count - start) }, (_, index) => start + index)
    // The head of the stream must be the head: one after another there.
    if (start === 0) await broker.publish(messageOf(space, 0, isPoisoned))
    await Promise.all(
      numbers.filter((one) => one > 0).map((one) => broker.publish(messageOf(space, one, false))),
    )
  }
}

function messageOf(
  space: JetStreamNamespace,
  number: number,
  isPoison: boolean,
): ReturnType<typeof encodeEvent> {
  const type = space.subject('x')
  const event: EventEnvelope = createEvent(
    { id: `${type}/${number}`, source: 'proof', type, tenantId: 'acme', data: isPoison ? { isPoison } : {} },
    new Date(),
  )
  return encodeEvent(event, 1_000_000)
}

function startConsumer(space: JetStreamNamespace) {
  const { deadLetterStream, deadLetterSubject, advisoryStream } = space
  const settings = {
    nats: nats.address,
    pool: schema.poolConfig,
    stream: space.stream.stream,
    prefetch: 500,
    leaseMs: 2000,
    names: { deadLetterStream, deadLetterSubject, advisoryStream },
  }
  return spawn(process.execPath, ['--conditions=golden-arch-source', PROCESS, JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function effects(): Promise<{ readonly rows: number; readonly distinct: number }> {
  const { rows } = await database.query<{ rows: bigint; ids: bigint }>(
    'SELECT count(*) AS rows, count(DISTINCT event_id) AS ids FROM effects',
  )
  return { rows: Number(rows[0]?.rows ?? 0), distinct: Number(rows[0]?.ids ?? 0) }
}

async function recordedOf(space: JetStreamNamespace): Promise<number> {
  const { rows } = await database.query<{ rows: bigint }>(
    'SELECT count(*) AS rows FROM dlq_messages WHERE source_stream = $1',
    [space.stream.stream],
  )
  return Number(rows[0]?.rows ?? 0)
}
