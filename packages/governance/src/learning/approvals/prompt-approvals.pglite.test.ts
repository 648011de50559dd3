import { openOnPglite } from '../../testing/opened-governance.ts'
import { breakGlassContract } from './break-glass.contract.ts'
import { promptApprovalsContract } from './prompt-approvals.contract.ts'
import { approvalAttacksContract } from './prompt-approvals-attacks.contract.ts'
import { proposalReadingContract } from './proposal-reading.contract.ts'

promptApprovalsContract('PGlite', openOnPglite)
approvalAttacksContract('PGlite', openOnPglite)
breakGlassContract('PGlite', openOnPglite)
proposalReadingContract('PGlite', openOnPglite)
