import { randomUUID } from 'node:crypto'
import type { ExecutionResult, SandboxExecutor } from '@golden-arch/sandbox'
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
      'Runs JavaScript in a sandbox without network or files and returns what it printed and how it ended.',
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

/** A program has a value in QuickJS alone: elsewhere, what it printed and its exit code are all that there is. */
function reportOf(result: ExecutionResult): object {
  const { status, value, exitCode, signal, stdout, stderr, error, truncated } = result
  return {
    status,
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    ...(signal === undefined ? {} : { signal }),
    ...(value === undefined ? {} : { value }),
    ...(error === undefined ? {} : { error: `${error.name}: ${error.message}` }),
    ...(stdout === '' && value !== undefined ? {} : { stdout }),
    ...(stderr === '' ? {} : { stderr }),
    ...(truncated.stdout || truncated.stderr ? { is_cut: true } : {}),
  }
}
