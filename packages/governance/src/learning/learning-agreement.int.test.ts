import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../testing/opened-governance.ts'
import { learningAgreementContract } from './learning-agreement.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  learningAgreementContract('PostgreSQL', () => openOnPostgres(address))
})
