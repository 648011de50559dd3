import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { failureHistoryContract } from './failure-history.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  failureHistoryContract('PostgreSQL', () => openOnPostgres(address))
})
