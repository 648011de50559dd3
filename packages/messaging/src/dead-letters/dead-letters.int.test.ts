import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgres } from '../testing/messaging-databases.ts'
import { deadLetterQueueContract } from './dead-letter-queue.contract.ts'
import { deadLetterRecordsContract } from './dead-letter-records.contract.ts'
import { deadLetterWatchContract } from './dead-letter-watch.contract.ts'

describeWithService('postgres', 'dead letters on PostgreSQL', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 300_000)
  afterAll(() => opened.close())

  describe('tables', () => deadLetterRecordsContract(() => opened.databases[0]))
  describe('DeadLetterQueue', () => deadLetterQueueContract(() => opened.databases))
  describe('watching', () => deadLetterWatchContract(() => opened.databases))
})
