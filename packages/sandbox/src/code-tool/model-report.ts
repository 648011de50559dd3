import type { ExecutionResult, ExecutionStatus, JsonValue } from '../execution-result.ts'

/** What a model is told of an execution: how it ended and what it left, without what concerns the host alone. */
export interface ModelReport {
  readonly status: ExecutionStatus
  readonly exit_code?: number
  readonly signal?: string
  readonly value?: JsonValue
  /** Name and message of what was thrown. */
  readonly error?: string
  readonly stdout?: string
  readonly stderr?: string
  /** Whether output is missing that was beyond its limit. */
  readonly is_cut?: true
}

/** The report of a result. A program has a value in QuickJS alone: elsewhere, what it printed and its exit code are all that there is. */
export function modelReport(result: ExecutionResult): ModelReport {
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
