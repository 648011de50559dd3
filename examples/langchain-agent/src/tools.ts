import type { SandboxExecutor } from '@golden-arch/sandbox'
import { tool } from 'langchain'
import { z } from 'zod'

/** Asks a service that never answers. */
export const populationTool = tool(() => new Promise<string>(() => {}), {
  name: 'population',
  description: 'How many people live in a city.',
  schema: z.object({ city: z.string() }),
})

/** Runs what the model writes in the sandbox, and tells it how that ended. */
export function codeTool(sandbox: SandboxExecutor) {
  const run = async ({ code }: { readonly code: string }, { signal }: { readonly signal?: AbortSignal }) => {
    const request = {
      executionId: crypto.randomUUID(),
      tenantId: 'acme',
      language: 'javascript',
      code,
    } as const
    const limits = { timeoutMs: 1000 }
    const result = await sandbox.execute({ ...request, limits }, signal === undefined ? {} : { signal })
    return JSON.stringify({ status: result.status, value: result.value, error: result.error?.message })
  }
  return tool(run, {
    name: 'run_code',
    description: 'Runs JavaScript.',
    schema: z.object({ code: z.string() }),
  })
}
