/** Weight of the newest execution in the running mean. */
const NEWEST_WEIGHT = 0.2

/** The least time to ask a caller to stay away, in milliseconds. */
const MIN_RETRY_AFTER_MS = 50

/** The running mean of execution times once one more has taken `runMs`; the first one is the mean. */
export function nextMeanRunMs(meanRunMs: number | undefined, runMs: number): number {
  return meanRunMs === undefined ? runMs : meanRunMs + NEWEST_WEIGHT * (runMs - meanRunMs)
}

/** The facts that {@link estimateRetryAfterMs} weighs. */
export interface QueueLoad {
  readonly meanRunMs: number | undefined
  readonly maxConcurrent: number
  readonly maxQueueWaitMs: number
}

/**
 * When a place in a full queue may be free: one mean execution divided by those that run side by side, in whole
 * milliseconds, at least 50 and at most the longest wait in the queue.
 */
export function estimateRetryAfterMs(load: QueueLoad): number {
  const estimateMs = Math.ceil((load.meanRunMs ?? 0) / load.maxConcurrent)
  return Math.min(Math.max(estimateMs, MIN_RETRY_AFTER_MS), Math.max(load.maxQueueWaitMs, MIN_RETRY_AFTER_MS))
}
