import { describeWithService } from '@golden-arch/testkit'
import { openTasksOnPostgres } from '../testing/task-databases.ts'
import { taskStepsContract } from './task-steps.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  taskStepsContract('PostgreSQL', () => openTasksOnPostgres(address))
})
