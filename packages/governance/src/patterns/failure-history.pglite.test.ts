import { openOnPglite } from '../testing/opened-governance.ts'
import { failureHistoryContract } from './failure-history.contract.ts'

failureHistoryContract('PGlite', openOnPglite)
