import type { RateLimit } from './rate-limit.ts'
import type { RateLimitDecision } from './rate-limiter.ts'

/**
 * Which headers tell of a limit: `draft`, the two structured fields of draft-ietf-httpapi-ratelimit-headers-10;
 * `legacy`, the three `X-RateLimit-` headers; `both`; or `off`. `Retry-After` is sent on a denial whichever is chosen.
 */
export type RateLimitHeaderStyle = 'draft' | 'legacy' | 'both' | 'off'

/** Everything but the printable characters of ASCII, which is all that a string of RFC 9651 may hold. */
const UNPRINTABLE = /[^\x20-\x7e]/g

/**
 * The headers of an answer. Seconds are rounded up, so that nobody who obeys them comes too early; a window that is no
 * number of whole seconds is left out of the policy. Characters of the limit's name that a header cannot hold become `?`.
 */
export function rateLimitHeaders(
  limit: RateLimit,
  decision: RateLimitDecision,
  style: RateLimitHeaderStyle = 'draft',
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  const resetSeconds = Math.ceil(decision.resetMs / 1000)
  if (style === 'draft' || style === 'both') {
    const name = quoted(limit.name)
    const window = limit.windowMs % 1000 === 0 ? `;w=${limit.windowMs / 1000}` : ''
    headers['RateLimit-Policy'] = `${name};q=${limit.limit}${window}`
    headers.RateLimit = `${name};r=${decision.remaining};t=${resetSeconds}`
  }
  if (style === 'legacy' || style === 'both') {
    headers['X-RateLimit-Limit'] = String(limit.limit)
    headers['X-RateLimit-Remaining'] = String(decision.remaining)
    headers['X-RateLimit-Reset'] = String(resetSeconds)
  }
  if (!decision.allowed) headers['Retry-After'] = String(Math.max(1, Math.ceil(decision.retryAfterMs / 1000)))
  return headers
}

function quoted(name: string): string {
  return `"${name.replace(UNPRINTABLE, '?').replace(/["\\]/g, '\\$&')}"`
}
