import { describeWithService } from '@golden-arch/testkit'
import { openTasksOnPostgres } from '../testing/task-databases.ts'
import { taskQuotasContract } from './task-quotas.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  taskQuotasContract('PostgreSQL', () => openTasksOnPostgres(address))
})
