import { openTasksOnPglite } from '../testing/task-databases.ts'
import { taskSweeperContract } from './task-sweeper.contract.ts'

taskSweeperContract('PGlite', openTasksOnPglite)
