import type { Service } from '../../service.ts'
import { untilAborted } from '../../until-aborted.ts'

/** Stands by: the orchestrator's process does this work itself. */
export async function createPeerHubService(): Promise<Service> {
  return { name: 'peer-hub', run: untilAborted }
}
