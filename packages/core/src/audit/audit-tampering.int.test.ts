import { describeWithService } from '@golden-arch/testkit'
import { auditTamperingContract } from './audit-tampering.contract.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  auditTamperingContract('PostgreSQL', () => openAuditPostgres(address))
})
