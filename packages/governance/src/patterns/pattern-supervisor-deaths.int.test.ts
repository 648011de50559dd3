import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { patternSupervisorDeathsContract } from './pattern-supervisor-deaths.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  patternSupervisorDeathsContract('PostgreSQL', () => openOnPostgres(address))
})
