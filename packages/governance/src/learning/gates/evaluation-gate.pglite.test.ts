import { openOnPglite } from '../../testing/opened-governance.ts'
import { evaluationGateContract } from './evaluation-gate.contract.ts'

evaluationGateContract('PGlite', openOnPglite)
