import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll } from 'vitest'
import { openJetStream } from './adapters/jetstream/testing/jetstream-namespace.ts'
import { DeadLetterRecorder } from './dead-letters/dead-letter-recorder.ts'
import { messageTracingContract, type TracingScene } from './message-tracing.contract.ts'
import { openPglite, openPostgres } from './testing/messaging-databases.ts'
import { openSqlScene } from './testing/sql-tracing-scene.ts'

describeWithService('postgres', 'traces of the SQL broker on PostgreSQL', (address) => {
  let scene: TracingScene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await openPostgres(address)
    scene = await openSqlScene(opened.databases[0])
    close = async () => {
      await scene.broker.close({ drainTimeoutMs: 1000 })
      await opened.close()
    }
  }, 300_000)
  afterAll(() => close())

  messageTracingContract(() => scene)
})

describeWithService('nats', 'traces of JetStream', (address) => {
  let scene: TracingScene
  let close: () => Promise<void>
  beforeAll(async () => {
    const nats = await openJetStream(address)
    const broker = nats.broker()
    await broker.ensure([nats.stream])
    const { database, close: closeDatabase } = await openPglite()
    const stopping = new AbortController()
    const recorder = new DeadLetterRecorder({ broker, database })
    const recording = recorder.run({ signal: stopping.signal })
    scene = { broker, database, stream: nats.stream.stream, subject: nats.subject }
    close = async () => {
      stopping.abort()
      await recording
      await broker.close({ drainTimeoutMs: 1000 })
      await nats.close()
      await closeDatabase()
    }
  }, 300_000)
  afterAll(() => close())

  messageTracingContract(() => scene)
})
