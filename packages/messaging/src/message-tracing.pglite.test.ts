import { afterAll, beforeAll, describe } from 'vitest'
import { messageTracingContract } from './message-tracing.contract.ts'
import { openPglite, type TestDatabase } from './testing/messaging-databases.ts'
import { openSqlScene } from './testing/sql-tracing-scene.ts'

describe('traces of the SQL broker on PGlite', () => {
  let opened: TestDatabase
  let scene: Awaited<ReturnType<typeof openSqlScene>>
  beforeAll(async () => {
    opened = await openPglite()
    scene = await openSqlScene(opened.database)
  }, 300_000)
  afterAll(async () => {
    await scene.broker.close({ drainTimeoutMs: 1000 })
    await opened.close()
  })

  messageTracingContract(() => scene)
})
