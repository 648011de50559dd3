import { isGoldenError } from '@golden-arch/core/errors'
import { classifyLlmFailure, retryAfterMs } from '@golden-arch/core/resilience'
import {
  APICallError,
  InvalidPromptError,
  InvalidResponseDataError,
  JSONParseError,
  TypeValidationError,
} from 'ai'
import { AnswerTooLargeError } from './bounded-fetch.ts'
import type { ModelOutcome, UnknownCall } from './model-port.ts'
import { usageInBody } from './read-usage.ts'

/** Answers that a server gives before it works: nothing was billed, and asking again may help. */
const REFUSED_FOR_NOW: ReadonlySet<number> = new Set([408, 409, 425, 429, 503, 529])

const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const MAX_CAUSES = 5

/**
 * What the error of a call through the AI SDK says of the call and its bill, in words of our own: a problem is shown to
 * people and models, and what the SDK and fetch say of a request holds its address, its headers, and the prompt.
 */
export function outcomeOfError(error: unknown, now: Date): ModelOutcome {
  if (InvalidPromptError.isInstance(error)) {
    return { kind: 'not-billed', problem: 'the messages are no conversation', isTransient: false }
  }
  const status = APICallError.isInstance(error) ? error.statusCode : undefined
  if (status !== undefined && (status < 200 || status > 299)) return refusedBy(error, status, now)
  const chain = causesOf(error)
  const code = chain.map(codeOf).findLast((one) => one !== undefined)
  if (status === undefined && code !== undefined && NEVER_SENT.has(code)) {
    return {
      kind: 'not-billed',
      problem: `the endpoint cannot be reached (${code})`,
      isTransient: true,
    }
  }
  if (chain.some((one) => one instanceof AnswerTooLargeError)) {
    return { kind: 'unknown', problem: new AnswerTooLargeError().message }
  }
  const ours = chain.find((one) => isGoldenError(one))
  if (ours !== undefined) return { kind: 'unknown', problem: ours.message }
  return noCompletion(chain) ?? { kind: 'unknown', problem: cutOff(code) }
}

/** A gateway that fails in the middle (500, 502, 504) may have passed the call on, so it may have been billed. */
function refusedBy(error: unknown, status: number, now: Date): ModelOutcome {
  const problem = `HTTP ${status}`
  if (status >= 500 && !REFUSED_FOR_NOW.has(status)) return { kind: 'unknown', problem }
  // A spent quota is a 429 too, and no pause brings it back.
  const isTransient =
    REFUSED_FOR_NOW.has(status) && (status === 425 || classifyLlmFailure(error, now).kind === 'transient')
  const headers = APICallError.isInstance(error) ? error.responseHeaders : undefined
  const afterMs = isTransient && headers !== undefined ? retryAfterMs(headers, now) : undefined
  return {
    kind: 'not-billed',
    problem,
    isTransient,
    ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
  }
}

/** The outcome of an answer that came whole and is none; its usage may stand in it all the same. */
function noCompletion(chain: readonly unknown[]): UnknownCall | undefined {
  const problem = 'not a chat completion'
  for (const error of chain) {
    if (JSONParseError.isInstance(error)) return { kind: 'unknown', problem }
    const body = InvalidResponseDataError.isInstance(error)
      ? { value: error.data }
      : TypeValidationError.isInstance(error)
        ? { value: error.value }
        : undefined
    if (body === undefined) continue
    // A stream that ends without a reason has no data: it was cut.
    if (body.value === undefined) return undefined
    const { totalTokens } = usageInBody(body.value)
    return totalTokens === null ? { kind: 'unknown', problem } : { kind: 'unknown', problem, totalTokens }
  }
  return undefined
}

function cutOff(code: string | undefined): string {
  const problem = 'the call failed before its answer was whole'
  return code === undefined ? problem : `${problem} (${code})`
}

function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = []
  for (let one = error; one !== undefined && chain.length < MAX_CAUSES; ) {
    chain.push(one)
    one = one instanceof Error ? one.cause : undefined
  }
  return chain
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined
}
