import { describeWithService } from '@golden-arch/testkit'
import { governanceTablesContract } from './governance-tables.contract.ts'
import { openOnPostgres } from './opened-governance.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  governanceTablesContract('PostgreSQL', () => openOnPostgres(address))
})
