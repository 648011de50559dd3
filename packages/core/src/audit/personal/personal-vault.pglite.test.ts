import { openAuditPglite } from '../testing/audit-databases.ts'
import { personalVaultContract } from './personal-vault.contract.ts'

personalVaultContract('PGlite', () => openAuditPglite())
