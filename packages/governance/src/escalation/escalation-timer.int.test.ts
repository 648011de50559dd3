import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { escalationTimerContract } from './escalation-timer.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  escalationTimerContract('PostgreSQL', () => openOnPostgres(address))
})
