import { openOnPglite } from '../testing/opened-governance.ts'
import { patternSupervisorDeathsContract } from './pattern-supervisor-deaths.contract.ts'

patternSupervisorDeathsContract('PGlite', openOnPglite)
