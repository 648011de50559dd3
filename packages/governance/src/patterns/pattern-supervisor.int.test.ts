import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { patternSupervisorContract } from './pattern-supervisor.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  patternSupervisorContract('PostgreSQL', () => openOnPostgres(address))
})
