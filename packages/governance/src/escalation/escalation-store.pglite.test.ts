import { openOnPglite } from '../testing/opened-governance.ts'
import { escalationDecisionContract } from './escalation-decision.contract.ts'
import { escalationContract } from './escalation-store.contract.ts'

escalationContract('PGlite', openOnPglite)
escalationDecisionContract('PGlite', openOnPglite)
