import { openOnPglite } from '../testing/opened-governance.ts'
import { escalationContract } from './escalation-store.contract.ts'

escalationContract('PGlite', openOnPglite)
