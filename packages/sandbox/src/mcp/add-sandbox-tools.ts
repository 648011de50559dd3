import { requireObject } from '@golden-arch/core/errors'
import {
  addMcpTool,
  type McpJsonSchema,
  type McpToolOptions,
  type McpToolServer,
  objectSchema,
} from '@golden-arch/core/mcp'
import { type CodeToolOptions, codeTool } from '../code-tool/code-tool.ts'
import type { ExecutionStatus } from '../execution-result.ts'

/** What {@link addSandboxTools} is made of. */
export interface SandboxMcpOptions<Schema> extends McpToolOptions<Schema>, CodeToolOptions {
  /** Of the tool, such as `run_python` beside another. Default `run_code`. */
  readonly name?: string | undefined
}

const STATUSES = [
  'completed',
  'failed',
  'timed-out',
  'out-of-memory',
  'output-limit',
  'killed',
  'cancelled',
] as const satisfies readonly ExecutionStatus[]

const REPORT: McpJsonSchema = objectSchema(
  {
    status: { type: 'string', enum: [...STATUSES] },
    exit_code: { type: 'integer' },
    signal: { type: 'string' },
    value: {
      description:
        'The value of the last statement, where the sandbox has such; cut text of its JSON where that is long.',
    },
    error: { type: 'string', description: 'Name and message of what was thrown.' },
    stdout: { type: 'string' },
    stderr: { type: 'string' },
    is_cut: {
      type: 'boolean',
      description: 'Output is missing: what was beyond its limit, or the middle of what was long.',
    },
  },
  ['exit_code', 'signal', 'value', 'error', 'stdout', 'stderr', 'is_cut'],
)

/**
 * Adds the tool `run_code` to an MCP server: it runs a model's code for the tenant of the caller, who needs the permission
 * `task:create`, and tells how that ended. What the code does, however bad, is a result; a sandbox that cannot run it is an error
 * result. A client that cancels the call ends the run.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; what `SandboxExecutor.check` throws where it would refuse each run;
 * what the server throws, as on a name that it has.
 */
export function addSandboxTools<Schema>(
  server: McpToolServer<NoInfer<Schema>>,
  options: SandboxMcpOptions<Schema>,
): void {
  const { caller: callerOf, schema, logger, ...own } = requireObject('options', options)
  const { name = 'run_code', ...how } = own
  const { description, codeDescription, maxCodeLength, hasNetwork, run } = codeTool(how)
  addMcpTool(
    server,
    { caller: callerOf, schema, logger },
    {
      name,
      title: 'Run code in a sandbox',
      description,
      inputSchema: objectSchema({
        code: { type: 'string', minLength: 1, maxLength: maxCodeLength, description: codeDescription },
      }),
      outputSchema: REPORT,
      // What is kept inside changes nothing, but no client should take untrusted code for a mere reader.
      annotations: {
        readOnlyHint: false,
        destructiveHint: hasNetwork,
        idempotentHint: false,
        openWorldHint: hasNetwork,
      },
      permission: 'task:create',
      tells: [
        'SANDBOX_REQUEST_INVALID',
        'SANDBOX_QUEUE_FULL',
        'SANDBOX_QUEUE_TIMEOUT',
        'SANDBOX_RATE_LIMITED',
      ],
      // The input fits its schema, so the code is a text; the sandbox itself refuses what is none.
      run: async (input, { caller, signal }) => ({
        ...(await run(String(input.code), caller.tenantId, signal)),
      }),
    },
  )
}
