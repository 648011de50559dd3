import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../../testing/opened-governance.ts'
import { promptCanaryContract } from './prompt-canary.contract.ts'
import { refusedTrialContract } from './refused-trial.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  promptCanaryContract('PostgreSQL', () => openOnPostgres(address))
  refusedTrialContract('PostgreSQL', () => openOnPostgres(address))
})
