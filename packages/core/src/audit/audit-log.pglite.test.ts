import { auditLogContract } from './audit-log.contract.ts'
import { openAuditPglite } from './testing/audit-databases.ts'

auditLogContract('PGlite', () => openAuditPglite())
