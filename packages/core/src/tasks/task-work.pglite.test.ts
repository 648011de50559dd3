import { afterAll } from 'vitest'
import { agentRegistryContract } from './agents/agent-registry.contract.ts'
import { effectLedgerContract } from './effect-ledger.contract.ts'
import { forgetTasksContract } from './queue/forget-tasks.contract.ts'
import { taskQueueContract } from './queue/task-queue.contract.ts'
import { taskQuotasContract } from './queue/task-quotas.contract.ts'
import { taskSweeperContract } from './queue/task-sweeper.contract.ts'
import { taskStepsContract } from './steps/task-steps.contract.ts'
import { SharedPglite } from './testing/task-databases.ts'

const pglite = new SharedPglite()
afterAll(() => pglite.close())

taskStepsContract('PGlite', pglite.open)
effectLedgerContract('PGlite', pglite.open)
taskQueueContract('PGlite', pglite.open)
taskQuotasContract('PGlite', pglite.open)
taskSweeperContract('PGlite', pglite.open)
forgetTasksContract('PGlite', pglite.open)
agentRegistryContract('PGlite', pglite.open)
