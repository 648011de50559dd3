import { openTasksOnPglite } from '../testing/task-databases.ts'
import { taskQueueContract } from './task-queue.contract.ts'

taskQueueContract('PGlite', openTasksOnPglite)
