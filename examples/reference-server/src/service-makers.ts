import type { ServerRole } from './server-role.ts'
import type { ServiceMaker } from './service.ts'

/**
 * Who makes the service of each role but the gateway's, which is made last, as it lets requests in. A process loads what
 * its own roles need and nothing else.
 */
export const SERVICE_MAKERS: Readonly<Record<Exclude<ServerRole, 'gateway'>, ServiceMaker>> = {
  orchestrator: later(
    async () => (await import('./services/orchestrator/orchestrator-service.ts')).createOrchestratorService,
  ),
  'peer-hub': later(
    async () => (await import('./services/peer-hub/peer-hub-service.ts')).createPeerHubService,
  ),
  supervisor: later(
    async () => (await import('./services/supervisor/supervisor-service.ts')).createSupervisorService,
  ),
  'sandbox-executor': later(
    async () =>
      (await import('./services/sandbox-executor/sandbox-executor-service.ts')).createSandboxExecutorService,
  ),
  'agent-runtime': later(
    async () => (await import('./services/agent-runtime/agent-runtime-service.ts')).createAgentRuntimeService,
  ),
}

function later(load: () => Promise<ServiceMaker>): ServiceMaker {
  return async (context) => {
    const make = await load()
    return await make(context)
  }
}
