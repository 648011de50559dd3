import { ofConnection } from './classify-failure.ts'
import { connectionFailureOf } from './connection-failure.ts'
import { type FailureVerdict, FINAL, transient } from './failure-verdict.ts'
import { fieldOf } from './field-of.ts'
import { type HttpFailure, httpFailureOf } from './http-failure.ts'
import { localVerdict } from './local-failure.ts'
import { headerOf, retryAfterMs } from './retry-after.ts'

/** What providers say when the money is spent: no pause brings it back. */
const SPENT: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'billing_error',
])
/** What providers call an overload in a body, or in an event of a stream that began with 200. */
const OVERLOADED: ReadonlySet<string> = new Set([
  'overloaded_error',
  'rate_limit_error',
  'rate_limit_exceeded',
  'api_error',
  'server_error',
  'timeout_error',
])
/** Answers before any work: 408, 409 (a lock that was not had in time), 429 and 529. */
const REFUSED: ReadonlySet<number> = new Set([408, 409, 429, 529])
const MAX_UNWRAPPED = 3

/**
 * The verdict on the failure of a model call, read off the errors of the OpenAI, Anthropic and AI SDKs: transient are
 * 408, 409, 429, 529, 5xx, failed connections and the overloads that a stream reports before its first chunk. Final is
 * all else, among it a spent quota (429 or 400), 400, 401, 403, 404, and any failure after the first chunk. The header
 * `x-should-retry` has the last word over the status; `Retry-After` and `retry-after-ms` are read.
 */
export function classifyLlmFailure(error: unknown, now: Date): FailureVerdict {
  const failure = lastAttempt(error)
  const local = localVerdict(failure)
  if (local !== undefined) return local
  const http = httpFailureOf(failure)
  if (http.codes.some((code) => SPENT.has(code))) return FINAL
  if (isTransient(http)) {
    const refused = http.status === undefined || REFUSED.has(http.status)
    return transient(refused ? 'no' : 'unknown', {
      isTimeout: http.status === 504,
      retryAfterMs: retryAfterMs(http.headers, now),
    })
  }
  if (http.status !== undefined) return FINAL
  const connection = connectionFailureOf(failure)
  return connection === undefined ? FINAL : ofConnection(connection)
}

function isTransient({ status, headers, codes }: HttpFailure): boolean {
  const told = headerOf(headers, 'x-should-retry')
  if (told === 'true' || told === 'false') return told === 'true'
  if (status === undefined || status < 300) return codes.some((code) => OVERLOADED.has(code))
  return REFUSED.has(status) || status >= 500
}

/** The AI SDK wraps what it gave up on, with the last failure inside. */
function lastAttempt(error: unknown): unknown {
  let last = error
  for (let depth = 0; depth < MAX_UNWRAPPED; depth++) {
    const inner = fieldOf(last, 'name') === 'AI_RetryError' ? fieldOf(last, 'lastError') : undefined
    if (inner === undefined) return last
    last = inner
  }
  return last
}
