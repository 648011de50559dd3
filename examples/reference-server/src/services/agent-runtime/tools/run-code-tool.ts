import { randomUUID } from 'node:crypto'
import type { ExecutionResult, SandboxExecutor } from '@golden-arch/sandbox'
import { z } from 'zod'
import type { AgentTool } from './agent-tool.ts'

const inputSchema = z.strictObject({
  code: z.string().min(1).max(50_000).describe('JavaScript; the value of its last statement is the result.'),
})

/** Lets a model run JavaScript in the sandbox, by the limits of its executor. */
export function runCodeTool(sandbox: SandboxExecutor): AgentTool<z.infer<typeof inputSchema>> {
  return {
    name: 'run_code',
    description:
      'Runs JavaScript in a sandbox without network or files and returns its output and the value of its last statement.',
    inputSchema,
    run: async ({ code }, { tenantId, signal }) => {
      const result = await sandbox.execute(
        { executionId: randomUUID(), tenantId, language: 'javascript', code },
        signal === undefined ? {} : { signal },
      )
      // Only our own signal cancels: the asking ends then, and no model reads this.
      signal?.throwIfAborted()
      return JSON.stringify(reportOf(result))
    },
  }
}

function reportOf({ status, value, stdout, stderr, error }: ExecutionResult): object {
  return {
    status,
    ...(value === undefined ? {} : { value }),
    ...(error === undefined ? {} : { error: `${error.name}: ${error.message}` }),
    ...(stdout === '' ? {} : { stdout }),
    ...(stderr === '' ? {} : { stderr }),
  }
}
