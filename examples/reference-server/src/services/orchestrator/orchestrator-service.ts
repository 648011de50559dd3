import { assembleCodingWork } from '../../coding-work.ts'
import { openModel } from '../../open-model.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { openSandbox } from '../sandbox-executor/open-sandbox.ts'

const CONCURRENCY = 4

/** Brings tasks to their end. */
export async function createOrchestratorService(context: ServerContext): Promise<Service> {
  const { configuration, claims, isExclusive } = context
  const { endpoint, close } = await openModel(configuration)
  context.closeLater(close)
  const { sandbox, close: closeSandbox } = await openSandbox(configuration, context)
  context.closeLater(closeSandbox)
  const work = assembleCodingWork(context, { endpoint, sandbox, concurrency: CONCURRENCY })
  context.closeLater(() => work.close())
  return {
    name: 'orchestrator',
    run: async (stopping) => {
      if (isExclusive) await claims.releaseAll()
      await work.runner.run({ signal: stopping })
    },
  }
}
