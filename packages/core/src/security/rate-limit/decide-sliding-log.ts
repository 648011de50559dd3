/** What a limiter makes of a call, before it is known who decided. Numbers are whole, as in a decision. */
export interface LimitVerdict {
  readonly allowed: boolean
  readonly remaining: number
  readonly resetMs: number
  readonly retryAfterMs: number
}

/** A verdict on a log. */
export interface LogVerdict extends LimitVerdict {
  /** How many of the oldest entries have left the window and may be dropped. */
  readonly expiredCount: number
}

/**
 * Decides on a call at `nowMs` by the times of the calls admitted before, ascending. A call counts for `windowMs`, its
 * first instant included and its last not, so that no window of that length ever holds more than `limit` calls.
 */
export function decideSlidingLog(
  admittedAtMs: readonly number[],
  limit: number,
  windowMs: number,
  nowMs: number,
): LogVerdict {
  let expiredCount = 0
  while (expiredCount < admittedAtMs.length && nowMs - timeOf(admittedAtMs, expiredCount) >= windowMs) {
    expiredCount++
  }
  const used = admittedAtMs.length - expiredCount
  if (used < limit) {
    const oldestMs = used === 0 ? nowMs : timeOf(admittedAtMs, expiredCount)
    const resetMs = Math.ceil(leavesMs(oldestMs, windowMs, nowMs))
    return { allowed: true, remaining: limit - used - 1, resetMs, retryAfterMs: 0, expiredCount }
  }
  // Under a limit that was lowered more calls than the oldest one have to leave first.
  const lastToLeaveMs = timeOf(admittedAtMs, admittedAtMs.length - limit)
  const retryAfterMs = Math.max(1, Math.ceil(leavesMs(lastToLeaveMs, windowMs, nowMs)))
  return { allowed: false, remaining: 0, resetMs: retryAfterMs, retryAfterMs, expiredCount }
}

/** How long until a call leaves the window; the age first, so that fractions of the clock never add up to more than the window. */
function leavesMs(admittedAtMs: number, windowMs: number, nowMs: number): number {
  return windowMs - (nowMs - admittedAtMs)
}

function timeOf(times: readonly number[], index: number): number {
  return times[index] ?? Number.NEGATIVE_INFINITY
}
