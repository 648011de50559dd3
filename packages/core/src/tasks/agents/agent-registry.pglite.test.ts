import { openTasksOnPglite } from '../testing/task-databases.ts'
import { agentRegistryContract } from './agent-registry.contract.ts'

agentRegistryContract('PGlite', openTasksOnPglite)
