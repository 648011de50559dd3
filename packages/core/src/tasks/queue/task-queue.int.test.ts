import { describeWithService } from '@golden-arch/testkit'
import { openTasksOnPostgres } from '../testing/task-databases.ts'
import { taskQueueContract } from './task-queue.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  taskQueueContract('PostgreSQL', () => openTasksOnPostgres(address))
})
