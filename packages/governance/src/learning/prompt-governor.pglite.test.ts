import { openOnPglite } from '../testing/opened-governance.ts'
import { promptGovernorContract } from './prompt-governor.contract.ts'

promptGovernorContract('PGlite', openOnPglite)
