import { randomUUID } from 'node:crypto'
import type { SandboxExecutor } from '@golden-arch/sandbox'
import { modelReport } from '@golden-arch/sandbox/ai-sdk'
import { z } from 'zod'
import type { AgentTool } from './agent-tool.ts'

const inputSchema = z.strictObject({
  code: z.string().min(1).max(50_000).describe('JavaScript that prints by console.log what is to be known.'),
})

/** Lets a model run JavaScript in the sandbox, by the limits of its executor. */
export function runCodeTool(sandbox: SandboxExecutor): AgentTool<z.infer<typeof inputSchema>> {
  return {
    name: 'run_code',
    description:
      'Runs JavaScript in a sandbox without network and returns what it printed and how it ended. Files that it writes are not kept.',
    inputSchema,
    run: async ({ code }, { tenantId, signal }) => {
      const result = await sandbox.execute(
        { executionId: randomUUID(), tenantId, language: 'javascript', code },
        signal === undefined ? {} : { signal },
      )
      // Only our own signal cancels: the asking ends then, and no model reads this.
      signal?.throwIfAborted()
      return JSON.stringify(modelReport(result))
    },
  }
}
