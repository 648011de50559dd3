import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import { inboxContract } from './adapters/sql/inbox.contract.ts'
import { sqlAttemptStoreContract } from './adapters/sql/sql-attempt-store.contract.ts'
import { sqlBrokerContract } from './adapters/sql/sql-broker.contract.ts'
import { outboxRelayContract } from './outbox/outbox-relay.contract.ts'
import { openPostgres } from './testing/messaging-databases.ts'

describeWithService('postgres', 'messaging on PostgreSQL', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 300_000)
  afterAll(() => opened.close())

  describe('OutboxRelay', () => outboxRelayContract(() => opened.databases))
  sqlBrokerContract(() => opened.databases)
  describe('Inbox', () => inboxContract(() => opened.databases[0]))
  describe('SqlAttemptStore', () => sqlAttemptStoreContract(() => opened.databases[0]))
})
