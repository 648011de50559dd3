import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { peerReviewContracts } from './peer-review.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  peerReviewContracts('peer reviews on PostgreSQL', () => openOnPostgres(address))
})
