import { openOnPglite } from '../testing/opened-governance.ts'
import { peerReviewContract } from './peer-review-store.contract.ts'

peerReviewContract('PGlite', openOnPglite)
