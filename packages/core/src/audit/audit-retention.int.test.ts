import { describeWithService } from '@golden-arch/testkit'
import { auditRetentionContract } from './audit-retention.contract.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  auditRetentionContract('PostgreSQL', () => openAuditPostgres(address))
})
