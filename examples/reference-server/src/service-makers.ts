import type { ServerRole } from './server-role.ts'
import type { ServiceMaker } from './service.ts'
import { createAgentRuntimeService } from './services/agent-runtime/agent-runtime-service.ts'
import { createOrchestratorService } from './services/orchestrator/orchestrator-service.ts'
import { createPeerHubService } from './services/peer-hub/peer-hub-service.ts'
import { createSandboxExecutorService } from './services/sandbox-executor/sandbox-executor-service.ts'
import { createSupervisorService } from './services/supervisor/supervisor-service.ts'

/** Who makes the service of each role; the gateway is made last, as it lets requests in. */
export const SERVICE_MAKERS: Readonly<Record<Exclude<ServerRole, 'gateway'>, ServiceMaker>> = {
  orchestrator: createOrchestratorService,
  'peer-hub': createPeerHubService,
  supervisor: createSupervisorService,
  'sandbox-executor': createSandboxExecutorService,
  'agent-runtime': createAgentRuntimeService,
}
