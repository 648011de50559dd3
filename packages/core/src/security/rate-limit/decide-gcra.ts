import type { LimitVerdict } from './decide-sliding-log.ts'

/** A verdict on a theoretical arrival time. */
export interface GcraVerdict extends LimitVerdict {
  /** The theoretical arrival time to keep, in the milliseconds of `nowMs`. */
  readonly arrivalMs: number
}

/** Sums of fractions that make up a whole may fall short of it by a trace. */
const TRACE_MS = 0.001

/**
 * Decides on a call at `nowMs` by the generic cell rate algorithm (ITU-T I.371): a call every `windowMs / limit` in the
 * long run, and up to `limit` at once after a pause. A window that begins with such a burst holds up to
 * `2 × limit − 1` calls. `arrivalMs` is what the last admitted call left, or undefined.
 */
export function decideGcra(
  arrivalMs: number | undefined,
  limit: number,
  windowMs: number,
  nowMs: number,
): GcraVerdict {
  const intervalMs = windowMs / limit
  // No arrival lies further ahead than a window: one that does was written before the clock was set back.
  const from = Math.min(Math.max(arrivalMs ?? nowMs, nowMs), nowMs + windowMs)
  const next = from + intervalMs
  const freeMs = windowMs - (next - nowMs)
  if (freeMs < -TRACE_MS) {
    const retryAfterMs = Math.max(1, Math.ceil(-freeMs))
    return { allowed: false, remaining: 0, resetMs: retryAfterMs, retryAfterMs, arrivalMs: from }
  }
  const remaining = Math.max(0, Math.floor((freeMs + TRACE_MS) / intervalMs))
  const resetMs = Math.max(1, Math.ceil((remaining + 1) * intervalMs - freeMs))
  return { allowed: true, remaining, resetMs, retryAfterMs: 0, arrivalMs: next }
}
