import type { GoldenError } from '@golden-arch/core/errors'
import { describeReceived } from '@golden-arch/core/errors'

/** What a request gave, as its schema read it. */
export interface Given {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
  readonly headers?: unknown
}

/** What an option of the server's own is, where it is wrong, more often than not: no sign of the request. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['undefined', 'null', 'an object', 'a function'])

/**
 * Whether the value that an InvalidOptionError refuses stands in the request. Routes hand values on as they came, so that
 * one which does not stand there is the server's own mistake.
 */
export function isOfRequest(error: GoldenError, { params, query, body, headers }: Given): boolean {
  const { received } = error.details
  if (typeof received !== 'string' || SAYS_NOTHING.has(received)) return false
  return holds([params, query, body, headers], received)
}

/** Bounded, as the body is that it looks through. */
function holds(value: unknown, received: string): boolean {
  if (describeReceived(value) === received) return true
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((one) => holds(one, received))
  )
}
