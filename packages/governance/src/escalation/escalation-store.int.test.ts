import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { escalationDecisionContract } from './escalation-decision.contract.ts'
import { escalationContract } from './escalation-store.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  escalationContract('PostgreSQL', () => openOnPostgres(address))
  escalationDecisionContract('PostgreSQL', () => openOnPostgres(address))
})
