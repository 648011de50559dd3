import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createEvent } from '@golden-arch/core/events'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { expect, test } from 'vitest'
import { DeadLetterRecorder } from '../../dead-letters/dead-letter-recorder.ts'
import { encodeEvent } from '../../envelope.ts'
import { prepareMessaging } from '../../testing/messaging-databases.ts'
import { openJetStream, until } from './testing/jetstream-namespace.ts'

const PROCESS = fileURLToPath(new URL('./testing/consumer-process.ts', import.meta.url))

describeWithService('nats', 'a message that kills each process which handles it', (natsAddress) => {
  describeWithService('postgres', 'on JetStream', (postgresAddress) => {
    test('is one dead letter, and those fetched beside it are handled once', async () => {
      const nats = await openJetStream(natsAddress)
      const schema = await createPostgresSchema(postgresAddress)
      const pool = new pg.Pool(schema.poolConfig)
      const database = new PgDatabase({ pool })
      const stop = new AbortController()
      let child: ChildProcess | undefined
      try {
        await prepareMessaging(database)
        await database.script('CREATE TABLE effects (event_id text NOT NULL)')
        const broker = nats.broker()
        await broker.ensure([nats.stream])
        for (let number = 0; number < 30; number++) {
          const type = nats.subject('x')
          const data = number === 0 ? { isPoison: true } : {}
          const event = createEvent(
            { id: `e-${number}`, source: 'test', type, tenantId: 'acme', data },
            new Date(),
          )
          await broker.publish(encodeEvent(event, 1_000_000))
        }
        const recorder = new DeadLetterRecorder({ broker, database })
        const recording = recorder.run({ signal: stop.signal })
        const { deadLetterStream, deadLetterSubject, advisoryStream, stream } = nats
        const settings = {
          nats: natsAddress,
          pool: schema.poolConfig,
          stream: stream.stream,
          prefetch: 50,
          leaseMs: 1000,
          names: { deadLetterStream, deadLetterSubject, advisoryStream },
        }
        const start = (): ChildProcess =>
          spawn(process.execPath, ['--conditions=golden-arch-source', PROCESS, JSON.stringify(settings)], {
            stdio: 'ignore',
          })
        child = start()
        const dead = async (): Promise<readonly { message_id: string; attempts: number }[]> =>
          (
            await database.query<{ message_id: string; attempts: number }>(
              'SELECT message_id, attempts FROM dlq_messages',
            )
          ).rows
        const handled = async (): Promise<readonly string[]> =>
          (await database.query<{ event_id: string }>('SELECT event_id FROM effects')).rows.map(
            (row) => row.event_id,
          )
        let deaths = 0
        await until(async () => {
          if (child?.exitCode !== null || child.signalCode !== null) {
            deaths++
            child = start()
          }
          return (await dead()).length > 0 && (await handled()).length >= 29
        }, 280_000)
        expect(deaths).toBe(5)
        expect(await dead()).toEqual([{ message_id: 'e-0', attempts: 5 }])
        expect([...(await handled())].sort()).toEqual(
          Array.from({ length: 29 }, (_, index) => `e-${index + 1}`).sort(),
        )
        stop.abort()
        await recording
        await broker.close({ drainTimeoutMs: 1000 })
      } finally {
        stop.abort()
        if (child !== undefined && child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL')
          await once(child, 'close')
        }
        await pool.end()
        await schema.drop()
        await nats.close()
      }
    }, 300_000)
  })
})
