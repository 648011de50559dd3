import { effectLedgerContract } from './effect-ledger.contract.ts'
import { openTasksOnPglite } from './testing/task-databases.ts'

effectLedgerContract('PGlite', openTasksOnPglite)
