import { openOnPglite } from '../../testing/opened-governance.ts'
import { approvalsInSqlContract } from './approvals-in-sql.contract.ts'

approvalsInSqlContract('PGlite', openOnPglite)
