import { auditTamperingContract } from './audit-tampering.contract.ts'
import { openAuditPglite } from './testing/audit-databases.ts'

auditTamperingContract('PGlite', () => openAuditPglite())
