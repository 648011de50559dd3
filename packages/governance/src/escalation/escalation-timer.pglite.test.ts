import { openOnPglite } from '../testing/opened-governance.ts'
import { escalationTimerContract } from './escalation-timer.contract.ts'

escalationTimerContract('PGlite', openOnPglite)
