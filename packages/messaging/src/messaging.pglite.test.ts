import { afterAll, beforeAll, describe } from 'vitest'
import { inboxContract } from './adapters/sql/inbox.contract.ts'
import { sqlAttemptStoreContract } from './adapters/sql/sql-attempt-store.contract.ts'
import { sqlBrokerContract } from './adapters/sql/sql-broker.contract.ts'
import { outboxRelayContract } from './outbox/outbox-relay.contract.ts'
import { openPglite, type TestDatabase } from './testing/messaging-databases.ts'

describe('messaging on PGlite', () => {
  let opened: TestDatabase
  beforeAll(async () => {
    opened = await openPglite()
  }, 300_000)
  afterAll(() => opened.close())

  describe('OutboxRelay', () => outboxRelayContract(() => [opened.database, opened.database]))
  sqlBrokerContract(() => [opened.database, opened.database])
  describe('Inbox', () => inboxContract(() => opened.database))
  describe('SqlAttemptStore', () => sqlAttemptStoreContract(() => opened.database))
})
