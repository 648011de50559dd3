import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { MESSAGE_LEASE_MS, type SharedParts, takeOverWork } from '../../shared-parts.ts'
import { OrchestrationLoop } from './orchestration-loop.ts'
import { Orchestrator } from './orchestrator.ts'

const MAX_PARALLEL_PARTS = 4

/** What moves coding tasks, on the parts of a process. */
export function orchestrationOf(parts: SharedParts): OrchestrationLoop {
  const orchestrator = new Orchestrator({ ...parts, limits: { maxParallelParts: MAX_PARALLEL_PARTS } })
  return new OrchestrationLoop({ ...parts, orchestrator, messageLeaseMs: MESSAGE_LEASE_MS })
}

/** Moves tasks on. */
export async function createOrchestratorService(context: ServerContext): Promise<Service> {
  if (context.isExclusive) await takeOverWork(context)
  const loop = orchestrationOf(context)
  return { name: 'orchestrator', run: (stopping) => loop.run(stopping) }
}
