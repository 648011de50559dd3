import { describeWithService } from '@golden-arch/testkit'
import { openTasksOnPostgres } from '../testing/task-databases.ts'
import { agentRegistryContract } from './agent-registry.contract.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  agentRegistryContract('PostgreSQL', () => openTasksOnPostgres(address))
})
