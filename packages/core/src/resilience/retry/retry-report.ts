import type { GiveUpReason } from './retry-decision.ts'

/** What a retry did before it gave up. */
export interface RetryReport {
  /** Attempts made, the first one included. */
  readonly attempts: number
  readonly reason: GiveUpReason
}

/** Beside the errors, not on them: an error may be frozen, or shared by several calls. */
const REPORTS = new WeakMap<object, RetryReport>()

export function noteRetryReport(error: unknown, report: RetryReport): void {
  if (typeof error === 'object' && error !== null) REPORTS.set(error, report)
}

/** How often the call was tried whose retry gave up with `error`, and why it was not tried again; else undefined. */
export function retryReportOf(error: unknown): RetryReport | undefined {
  return typeof error === 'object' && error !== null ? REPORTS.get(error) : undefined
}
