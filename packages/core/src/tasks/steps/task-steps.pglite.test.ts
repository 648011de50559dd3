import { openTasksOnPglite } from '../testing/task-databases.ts'
import { taskStepsContract } from './task-steps.contract.ts'

taskStepsContract('PGlite', openTasksOnPglite)
