import { isGoldenError } from '../errors/index.ts'
import type { LangChainToolCall } from './langchain-tool-call.ts'

/** A call of a tool that did not come to an answer. */
export interface ToolFailure {
  /** What a policy refused or ended it with, or what the tool threw. */
  readonly error: unknown
  readonly call: LangChainToolCall
  /** Whether the tool was called, at least once: what it does may then have been done. */
  readonly hasRun: boolean
}

/**
 * What a model is told of a failure: JSON with its code, its message, whether the tool may have done its work, and after
 * how many milliseconds another call may pass, where that is known. Of an error that is not of these packages, which may hold a
 * secret, it is told the name alone, with the code `TOOL_FAILED`.
 */
export function describeToolFailure({ error, call, hasRun }: ToolFailure): string {
  if (!isGoldenError(error)) {
    const message = `${call.toolCall.name} threw ${nameOf(error)}`
    return JSON.stringify({ error: 'TOOL_FAILED', message, may_have_been_done: hasRun })
  }
  const { code, message, retryAfterMs } = error
  return JSON.stringify({
    error: code,
    message,
    may_have_been_done: hasRun,
    retry_after_ms: retryAfterMs,
  })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : `a ${typeof error}`
}
