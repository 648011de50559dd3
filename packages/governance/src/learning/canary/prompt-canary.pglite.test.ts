import { openOnPglite } from '../../testing/opened-governance.ts'
import { promptCanaryContract } from './prompt-canary.contract.ts'

promptCanaryContract('PGlite', openOnPglite)
