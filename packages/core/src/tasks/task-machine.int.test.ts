import { describeWithService } from '@golden-arch/testkit'
import { taskDeathsContract } from './task-deaths.contract.ts'
import { taskFixesContract } from './task-fixes.contract.ts'
import { taskMachineContract } from './task-machine.contract.ts'
import { openTasksOnPostgres } from './testing/task-databases.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  const open = (): ReturnType<typeof openTasksOnPostgres> => openTasksOnPostgres(address)
  taskMachineContract('PostgreSQL', open)
  taskFixesContract('PostgreSQL', open)
  taskDeathsContract('PostgreSQL', open)
  // As a killed process leaves it: the server loses the connection, and no ROLLBACK comes.
  taskDeathsContract('PostgreSQL, its connection with it', open, (tx) =>
    tx.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined),
  )
})
