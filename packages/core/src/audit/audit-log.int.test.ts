import { describeWithService } from '@golden-arch/testkit'
import { auditLogContract } from './audit-log.contract.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  auditLogContract('PostgreSQL', () => openAuditPostgres(address))
})
