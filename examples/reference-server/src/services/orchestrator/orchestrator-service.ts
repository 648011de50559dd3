import { agentsOptionsOf } from '../../assemble-agents.ts'
import { assembleCodingWork } from '../../coding-work.ts'
import { openModel } from '../../open-model.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { RolePrompts } from '../agent-runtime/role-prompts.ts'
import { openSandbox } from '../sandbox-executor/open-sandbox.ts'

const CONCURRENCY = 4

/** Brings tasks to their end. */
export async function createOrchestratorService(context: ServerContext): Promise<Service> {
  const { configuration, claims, isExclusive, tenantId } = context
  await new RolePrompts(context).seed(tenantId)
  const { close, ...models } = await openModel(configuration)
  context.closeLater(close)
  const { sandbox, close: closeSandbox } = await openSandbox(configuration, context)
  context.closeLater(closeSandbox)
  const work = assembleCodingWork(context, {
    ...agentsOptionsOf(configuration),
    ...models,
    sandbox,
    concurrency: CONCURRENCY,
  })
  context.closeLater(() => work.close())
  return {
    name: 'orchestrator',
    run: async (stopping) => {
      if (isExclusive) await claims.releaseAll()
      await work.runner.run({ signal: stopping })
    },
  }
}
