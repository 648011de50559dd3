/** How often something may happen. */
export interface SandboxRateLimit {
  /** How often in a minute over time, 1 to 600000. */
  readonly perMinute: number
  /** How often at once after a rest, 1 to 10000. Within any minute at most `perMinute` and `burst` together. */
  readonly burst: number
}

/** What was decided of one more time. */
export interface RateDecision {
  /** When all of the burst is there again, in milliseconds of the clock that `nowMs` is read from. */
  readonly restedAtMs: number
  /** Milliseconds after which it is allowed; 0 if it is now. */
  readonly retryAfterMs: number
}

/** Smaller than any pause that counts, larger than what a sum of fractions is off by. */
const ROUNDING_MS = 1e-3

/** Decides whether it may happen once more: a token bucket, told by the one instant at which it will be full. */
export function decideRate(restedAtMs: number, limit: SandboxRateLimit, nowMs: number): RateDecision {
  const intervalMs = 60_000 / limit.perMinute
  const nextMs = Math.max(restedAtMs, nowMs) + intervalMs
  const excessMs = nextMs - nowMs - limit.burst * intervalMs
  if (excessMs <= ROUNDING_MS) return { restedAtMs: nextMs, retryAfterMs: 0 }
  return { restedAtMs, retryAfterMs: Math.ceil(excessMs) }
}
