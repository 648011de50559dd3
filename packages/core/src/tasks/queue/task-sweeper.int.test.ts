import { describeWithService } from '@golden-arch/testkit'
import { openTasksOnPostgres } from '../testing/task-databases.ts'
import { forgetTasksContract } from './forget-tasks.contract.ts'
import { taskSweeperContract } from './task-sweeper.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  taskSweeperContract('PostgreSQL', () => openTasksOnPostgres(address))
  forgetTasksContract('PostgreSQL', () => openTasksOnPostgres(address))
})
