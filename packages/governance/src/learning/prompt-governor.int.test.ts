import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { promptGovernorContract } from './prompt-governor.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  promptGovernorContract('PostgreSQL', () => openOnPostgres(address))
})
