import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { peerReviewContract } from './peer-review-store.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  peerReviewContract('PostgreSQL', () => openOnPostgres(address))
})
