import { describeWithService } from '@golden-arch/testkit'
import { openOnPostgres } from '../../testing/opened-governance.ts'
import { approvalsInSqlContract } from './approvals-in-sql.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  approvalsInSqlContract('PostgreSQL', () => openOnPostgres(address))
})
