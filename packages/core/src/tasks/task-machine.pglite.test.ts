import { taskDeathsContract } from './task-deaths.contract.ts'
import { taskFixesContract } from './task-fixes.contract.ts'
import { taskMachineContract } from './task-machine.contract.ts'
import { openTasksOnPglite } from './testing/task-databases.ts'

taskMachineContract('PGlite', openTasksOnPglite)
taskFixesContract('PGlite', openTasksOnPglite)
taskDeathsContract('PGlite', openTasksOnPglite)
