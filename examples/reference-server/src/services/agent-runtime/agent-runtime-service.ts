import type { Service } from '../../service.ts'
import { untilAborted } from '../../until-aborted.ts'

/** Stands by: the orchestrator's process does this work itself. */
export async function createAgentRuntimeService(): Promise<Service> {
  return { name: 'agent-runtime', run: untilAborted }
}
