import { InvalidOptionError, requireObject } from '@golden-arch/core/errors'
import { type CodeInput, type CodeInputSchema, codeInputSchema } from '../code-tool/code-input.ts'
import { type CodeToolOptions, codeTool } from '../code-tool/code-tool.ts'
import type { ModelReport } from '../code-tool/model-report.ts'

/** What {@link sandboxTool} is made of. */
export interface SandboxToolOptions extends CodeToolOptions {
  /** On whose behalf code runs; a function is asked for each run, as where the tenant stands in an AsyncLocalStorage. */
  readonly tenantId: string | (() => string)
}

/** A tool of the AI SDK, versions 6 and 7: pass it under a name of your choice in `tools`. */
export interface AiSdkSandboxTool {
  readonly description: string
  readonly inputSchema: CodeInputSchema
  execute(input: CodeInput, options: { readonly abortSignal?: AbortSignal | undefined }): Promise<ModelReport>
}

/**
 * A tool for the AI SDK that lets a model run code in a sandbox and tells it how that ended. What the code does, however
 * bad, is a report for the model; a sandbox that cannot run it throws, which the SDK tells as an error of the tool. The caller's
 * own signal ends the run, and its reason is thrown.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; what `SandboxExecutor.check` throws where it would refuse each run;
 * from `execute` what `SandboxExecutor.execute` throws.
 */
export function sandboxTool(options: SandboxToolOptions): AiSdkSandboxTool {
  const { tenantId, ...how } = requireObject('options', options)
  const tool = codeTool(how)
  if (typeof tenantId !== 'function' && typeof tenantId !== 'string') {
    throw new InvalidOptionError('tenantId', 'a text, or a function that gives one', tenantId)
  }
  return {
    description: tool.description,
    inputSchema: codeInputSchema(tool.maxCodeLength, tool.codeDescription),
    execute: async ({ code }, { abortSignal }) =>
      tool.run(code, typeof tenantId === 'function' ? tenantId() : tenantId, abortSignal),
  }
}
