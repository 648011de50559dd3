import { afterAll, beforeAll } from 'vitest'
import { auditRetentionContract } from './audit-retention.contract.ts'
import { type OpenedAuditDatabase, openAuditPglite, renewAuditTables } from './testing/audit-databases.ts'

let opened: OpenedAuditDatabase

beforeAll(async () => {
  opened = await openAuditPglite()
})
afterAll(() => opened.close())

auditRetentionContract('PGlite', async () => {
  await renewAuditTables(opened.database)
  return { database: opened.database, close: async () => {} }
})
