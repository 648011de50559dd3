import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../../testing/opened-governance.ts'
import { promptCanaryContract } from './prompt-canary.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  promptCanaryContract('PostgreSQL', () => openOnPostgres(address))
})
