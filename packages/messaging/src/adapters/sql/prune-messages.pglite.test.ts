import { afterAll, beforeAll, describe } from 'vitest'
import { openPglite, type TestDatabase } from '../../testing/messaging-databases.ts'
import { pruneMessagesContract } from './prune-messages.contract.ts'

describe('pruning on PGlite', () => {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await openPglite()
  }, 300_000)
  afterAll(() => opened.close())

  pruneMessagesContract(() => [opened.database, opened.database])
})
