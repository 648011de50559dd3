import { auditRetentionContract } from './audit-retention.contract.ts'
import { openAuditPglite } from './testing/audit-databases.ts'

auditRetentionContract('PGlite', () => openAuditPglite())
