import { openOnPglite } from '../testing/opened-governance.ts'
import { patternSupervisorContract } from './pattern-supervisor.contract.ts'

patternSupervisorContract('PGlite', openOnPglite)
