import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../../testing/opened-governance.ts'
import { breakGlassContract } from './break-glass.contract.ts'
import { promptApprovalsContract } from './prompt-approvals.contract.ts'
import { approvalAttacksContract } from './prompt-approvals-attacks.contract.ts'
import { proposalReadingContract } from './proposal-reading.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  promptApprovalsContract('PostgreSQL', () => openOnPostgres(address))
  approvalAttacksContract('PostgreSQL', () => openOnPostgres(address))
  breakGlassContract('PostgreSQL', () => openOnPostgres(address))
  proposalReadingContract('PostgreSQL', () => openOnPostgres(address))
})
