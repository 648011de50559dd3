import { openOnPglite } from '../../testing/opened-governance.ts'
import { promptCanaryContract } from './prompt-canary.contract.ts'
import { refusedTrialContract } from './refused-trial.contract.ts'

promptCanaryContract('PGlite', openOnPglite)
refusedTrialContract('PGlite', openOnPglite)
