import { connectionFailureOf } from './connection-failure.ts'
import { type FailureVerdict, FINAL, transient } from './failure-verdict.ts'
import { httpFailureOf } from './http-failure.ts'
import { localVerdict } from './local-failure.ts'
import { retryAfterMs } from './retry-after.ts'

/** Answers that are given before any work is done: 408, 425, 429, and 529 of providers that are overloaded. */
const REFUSED: ReadonlySet<number> = new Set([408, 425, 429, 529])
/** Not implemented, and HTTP version not supported: no later attempt finds them otherwise. */
const LASTING: ReadonlySet<number> = new Set([501, 505])
const MISTAKES = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]

/**
 * The verdict where nothing is known of the other side: our own errors by their `retryable`; HTTP answers 408, 425, 429
 * and 5xx (not 501, 505) and lost connections as transient, all other answers, aborts and programming mistakes as
 * final; any other error as transient. `Retry-After` and `retry-after-ms` are read.
 */
export function classifyFailure(error: unknown, now: Date): FailureVerdict {
  const local = localVerdict(error)
  if (local !== undefined) return local
  const { status, headers } = httpFailureOf(error)
  if (status !== undefined) {
    if (!REFUSED.has(status) && (status < 500 || LASTING.has(status))) return FINAL
    return transient(REFUSED.has(status) ? 'no' : 'unknown', {
      isTimeout: status === 504,
      retryAfterMs: retryAfterMs(headers, now),
    })
  }
  const connection = connectionFailureOf(error)
  if (connection !== undefined) return ofConnection(connection)
  return MISTAKES.some((mistake) => error instanceof mistake) ? FINAL : transient('unknown')
}

/** The verdict on a failed connection. */
export function ofConnection(connection: 'refused' | 'lost' | 'timeout'): FailureVerdict {
  return transient(connection === 'refused' ? 'no' : 'unknown', { isTimeout: connection === 'timeout' })
}
