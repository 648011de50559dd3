import { describeWithService } from '@golden-arch/testkit'
import { openAuditPostgres } from '../testing/audit-databases.ts'
import { personalVaultContract } from './personal-vault.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  personalVaultContract('PostgreSQL', () => openAuditPostgres(address))
})
