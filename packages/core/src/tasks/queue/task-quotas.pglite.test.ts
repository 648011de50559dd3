import { openTasksOnPglite } from '../testing/task-databases.ts'
import { taskQuotasContract } from './task-quotas.contract.ts'

taskQuotasContract('PGlite', openTasksOnPglite)
