import { openOnPglite } from '../testing/opened-governance.ts'
import { learningAgreementContract } from './learning-agreement.contract.ts'

learningAgreementContract('PGlite', openOnPglite)
