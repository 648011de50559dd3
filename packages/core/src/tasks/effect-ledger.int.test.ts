import { describeWithService } from '@golden-arch/testkit'
import { effectLedgerContract } from './effect-ledger.contract.ts'
import { openTasksOnPostgres } from './testing/task-databases.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  effectLedgerContract('PostgreSQL', () => openTasksOnPostgres(address))
})
