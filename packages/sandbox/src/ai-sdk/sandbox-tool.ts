import { randomUUID } from 'node:crypto'
import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import type { ExecutionLimits } from '../execution-limits.ts'
import type { SandboxLanguage } from '../execution-request.ts'
import type { IsolationLevel } from '../isolation.ts'
import type { SandboxExecutor } from '../sandbox-executor.ts'
import { type CodeInput, type CodeInputSchema, codeInputSchema } from './code-input.ts'
import { type ModelReport, modelReport } from './model-report.ts'

/** What {@link sandboxTool} is made of. */
export interface SandboxToolOptions {
  /** A SandboxExecutor. */
  readonly sandbox: Pick<SandboxExecutor, 'execute'>
  /** On whose behalf code runs; a function is asked for each run, as where the tenant stands in an AsyncLocalStorage. */
  readonly tenantId: string | (() => string)
  /** What the model is to write. Default `javascript`. */
  readonly language?: SandboxLanguage
  /** The weakest isolation to accept. Default: whatever the executor's backend gives. */
  readonly minimumIsolation?: IsolationLevel
  /** Limits other than the executor's. */
  readonly limits?: Partial<ExecutionLimits>
  /** Characters of a program, 1 to 262144. Default 50000. */
  readonly maxCodeLength?: number
  /** What the model is told of the tool. Default: that it runs code of this language without network or files. */
  readonly description?: string
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
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; from `execute` what `SandboxExecutor.execute` throws.
 */
export function sandboxTool(options: SandboxToolOptions): AiSdkSandboxTool {
  const { sandbox, tenantId, language = 'javascript', minimumIsolation, limits, description } = options
  if (typeof sandbox?.execute !== 'function')
    throw new InvalidOptionError('sandbox', 'a sandbox executor', sandbox)
  if (typeof tenantId !== 'function' && typeof tenantId !== 'string') {
    throw new InvalidOptionError('tenantId', 'a text, or a function that gives one', tenantId)
  }
  const bounds = { min: 1, max: 262_144 }
  const maxCodeLength = requireInteger('maxCodeLength', options.maxCodeLength ?? 50_000, bounds)
  return {
    description:
      description ??
      `Runs ${language} in a sandbox without network or files, and returns what it printed and how it ended.`,
    inputSchema: codeInputSchema(maxCodeLength, `The program in ${language}. It prints what is to be known.`),
    execute: async ({ code }, { abortSignal }) => {
      const request = {
        executionId: randomUUID(),
        tenantId: typeof tenantId === 'function' ? tenantId() : tenantId,
        language,
        code,
        ...(minimumIsolation === undefined ? {} : { minimumIsolation }),
        ...(limits === undefined ? {} : { limits }),
      }
      const result = await sandbox.execute(request, abortSignal === undefined ? {} : { signal: abortSignal })
      // Nobody reads a report on what the caller called off.
      abortSignal?.throwIfAborted()
      return modelReport(result)
    },
  }
}
