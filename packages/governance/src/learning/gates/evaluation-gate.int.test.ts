import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../../testing/opened-governance.ts'
import { evaluationGateContract } from './evaluation-gate.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  evaluationGateContract('PostgreSQL', () => openOnPostgres(address))
})
