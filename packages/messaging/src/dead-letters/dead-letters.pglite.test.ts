import { afterAll, beforeAll, describe } from 'vitest'
import { openPglite, type TestDatabase } from '../testing/messaging-databases.ts'
import { deadLetterQueueContract } from './dead-letter-queue.contract.ts'
import { deadLetterRecordsContract } from './dead-letter-records.contract.ts'
import { deadLetterWatchContract } from './dead-letter-watch.contract.ts'

let opened: TestDatabase
beforeAll(async () => {
  opened = await openPglite()
}, 300_000)
afterAll(() => opened.close())

describe('tables of dead letters on PGlite', () => deadLetterRecordsContract(() => opened.database))

describe('DeadLetterQueue on PGlite', () => deadLetterQueueContract(() => [opened.database, opened.database]))

describe('watching dead letters on PGlite', () =>
  deadLetterWatchContract(() => [opened.database, opened.database]))
