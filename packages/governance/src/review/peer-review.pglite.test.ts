import { openOnPglite } from '../testing/opened-governance.ts'
import { peerReviewContracts } from './peer-review.contract.ts'

peerReviewContracts('peer reviews on PGlite', openOnPglite)
