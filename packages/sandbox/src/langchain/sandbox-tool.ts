import { InvalidOptionError, requireObject, requireText } from '@golden-arch/core/errors'
import { type CodeInput, type CodeInputJsonSchema, codeInputJsonSchema } from '../code-tool/code-input.ts'
import { type CodeToolOptions, codeTool } from '../code-tool/code-tool.ts'
import type { ModelReport } from '../code-tool/model-report.ts'

/** What a tool of LangChain runs in, as far as it matters here. */
export interface LangChainToolRuntime {
  readonly signal?: AbortSignal | undefined
  /** What the run of the agent was given as its context. */
  readonly context?: unknown
}

/** What {@link sandboxTool} is made of. */
export interface SandboxToolOptions extends CodeToolOptions {
  /** On whose behalf code runs; a function is asked for each run. */
  readonly tenantId: string | ((runtime: LangChainToolRuntime) => string)
  /** What the model calls the tool. Default `run_code`. */
  readonly name?: string | undefined
}

/** What `tool` of LangChain takes, in its version 1. */
export type LangChainSandboxTool = [
  run: (input: CodeInput, runtime: LangChainToolRuntime) => Promise<ModelReport>,
  fields: { name: string; description: string; schema: CodeInputJsonSchema },
]

/**
 * A tool for agents of LangChain 1, `tool(...sandboxTool(options))`, that lets a model run code in a sandbox and tells it
 * how that ended. What the code does, however bad, is a report for the model; a sandbox that cannot run it throws. The
 * signal of the call ends the run.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; what `SandboxExecutor.check` throws where it would refuse each run;
 * from its run what `SandboxExecutor.execute` throws.
 */
export function sandboxTool(options: SandboxToolOptions): LangChainSandboxTool {
  const { tenantId, name = 'run_code', ...how } = requireObject('options', options)
  const tool = codeTool(how)
  if (typeof tenantId !== 'function' && typeof tenantId !== 'string') {
    throw new InvalidOptionError('tenantId', 'a text, or a function that gives one', tenantId)
  }
  return [
    async ({ code }, runtime) =>
      tool.run(code, typeof tenantId === 'function' ? tenantId(runtime) : tenantId, runtime.signal),
    {
      name: requireText('name', name),
      description: tool.description,
      schema: codeInputJsonSchema(tool.maxCodeLength, tool.codeDescription),
    },
  ]
}
