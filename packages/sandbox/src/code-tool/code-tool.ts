import { randomUUID } from 'node:crypto'
import {
  requireFlag,
  requireInteger,
  requireMethods,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
import type { ExecutionLimits } from '../execution-limits.ts'
import type { SandboxLanguage } from '../execution-request.ts'
import { ISOLATION_LEVELS, type IsolationLevel } from '../isolation.ts'
import type { SandboxExecutor } from '../sandbox-executor.ts'
import {
  DEFAULT_MODEL_REPORT_OPTIONS,
  type ModelReport,
  type ModelReportOptions,
  modelReport,
  requireOutputBound,
} from './model-report.ts'

/** How a model's code runs, whichever framework calls the tool. */
export interface CodeToolOptions extends ModelReportOptions {
  /** A SandboxExecutor. */
  readonly sandbox: Pick<SandboxExecutor, 'execute'> & Partial<Pick<SandboxExecutor, 'check'>>
  /** What the model is to write. Default `javascript`. */
  readonly language?: SandboxLanguage | undefined
  /** The role that the executor's `rateLimits` hold for. Default: none, which has no limit of its own. */
  readonly role?: string | undefined
  /** The weakest isolation to accept. Default: whatever the executor's backend gives. */
  readonly minimumIsolation?: IsolationLevel | undefined
  /** Limits other than the executor's. */
  readonly limits?: Partial<ExecutionLimits> | undefined
  /** Characters of a program, 1 to 262144. Default 50000. */
  readonly maxCodeLength?: number | undefined
  /** Whether the sandbox's backend lets guests out, by its option `egress`: then the tool says that it reaches the outside. Default false. */
  readonly hasNetwork?: boolean | undefined
  /** What the model is told of the tool. Default: what it runs, whether that has a network, and that no files come back. */
  readonly description?: string | undefined
}

/** A tool that runs a model's code, before it takes a framework's shape. */
export interface CodeTool {
  /** What the model is told of the tool. */
  readonly description: string
  /** What the model is told of its input. */
  readonly codeDescription: string
  readonly maxCodeLength: number
  readonly hasNetwork: boolean
  /** Runs `code`, and tells how that ended. @throws what `SandboxExecutor.execute` throws; the signal's reason once it has fired. */
  run(code: string, tenantId: string, signal: AbortSignal | undefined): Promise<ModelReport>
}

/** The values used where none are given. */
const DEFAULT_CODE_TOOL_OPTIONS = Object.freeze({
  ...DEFAULT_MODEL_REPORT_OPTIONS,
  sandbox: undefined,
  language: 'javascript',
  role: undefined,
  minimumIsolation: undefined,
  limits: undefined,
  maxCodeLength: 50_000,
  hasNetwork: false,
  description: undefined,
} as const)

/** What a model calls each language. */
const LANGUAGE_NAMES: Readonly<Record<SandboxLanguage, string>> = Object.freeze({
  javascript: 'JavaScript',
  typescript: 'TypeScript',
  python: 'Python',
  shell: 'shell',
})

/**
 * Makes the tool.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; SandboxError `SANDBOX_REQUEST_INVALID` or
 * SandboxError `SANDBOX_ISOLATION_UNAVAILABLE` where the executor would refuse each run.
 */
export function codeTool(options: CodeToolOptions): CodeTool {
  const given = withDefaults(options, DEFAULT_CODE_TOOL_OPTIONS)
  const { language, role, minimumIsolation, limits, description, maxCodeLength } = given
  const sandbox = requireMethods('sandbox', given.sandbox, ['execute'])
  // Safe: its keys are the languages, written out one by one above.
  requireOneOf('language', language, Object.keys(LANGUAGE_NAMES) as SandboxLanguage[])
  const hasNetwork = requireFlag('hasNetwork', given.hasNetwork)
  if (minimumIsolation !== undefined) requireOneOf('minimumIsolation', minimumIsolation, ISOLATION_LEVELS)
  const maxOutputCharacters = requireOutputBound(given.maxOutputCharacters)
  const asked = { language, role, minimumIsolation, limits }
  sandbox.check?.({ ...asked, executionId: randomUUID(), tenantId: 'anybody', code: ' ' })
  return {
    description: description ?? describeTool(language, hasNetwork),
    codeDescription: describeCode(language),
    hasNetwork,
    maxCodeLength: requireInteger('maxCodeLength', maxCodeLength, { min: 1, max: 262_144 }),
    run: async (code, tenantId, signal) => {
      const request = { ...asked, executionId: randomUUID(), tenantId, code }
      const result = await sandbox.execute(request, { signal })
      // Nobody reads a report on what the caller called off.
      signal?.throwIfAborted()
      return modelReport(result, { maxOutputCharacters })
    },
  }
}

/** True on every backend that has the language: none but QuickJS has values, and no report has files. */
function describeTool(language: SandboxLanguage, hasNetwork: boolean): string {
  const network = hasNetwork ? 'that reaches no hosts but those allowed' : 'without network'
  const value = mayHaveValue(language) ? ', the value of its last statement where the sandbox has such,' : ''
  return (
    `Runs ${LANGUAGE_NAMES[language]} in a sandbox ${network}, and returns what it printed${value} and how it ended. ` +
    'Files that it writes are neither returned nor kept for the next run.'
  )
}

function describeCode(language: SandboxLanguage): string {
  const value = mayHaveValue(language)
    ? ' The value of its last statement comes back, too, where the sandbox has such.'
    : ''
  return `The program in ${LANGUAGE_NAMES[language]}. It prints what is to be known.${value}`
}

function mayHaveValue(language: SandboxLanguage): boolean {
  return language === 'javascript' || language === 'typescript'
}
