/** The part of an opossum breaker, of version 8 to 10, that is used. */
export interface OpossumBreaker {
  readonly name: string
  readonly opened: boolean
  readonly halfOpen: boolean
  /** Whether the next call of a half-open breaker is its probe. */
  readonly pendingClose: boolean
  open(): void
  close(): void
  enable(): void
  disable(): void
  on(event: OpossumEvent, listener: (...given: unknown[]) => void): unknown
  off(event: OpossumEvent, listener: (...given: unknown[]) => void): unknown
}

/** The events of opossum that are heard. */
export type OpossumEvent = 'open' | 'halfOpen' | 'close' | 'fire' | 'success' | 'failure' | 'reject'

/** What opossum keeps of its options; its published types do not name them. */
interface OpossumTimes {
  resetTimeout: number
}

/** Opens the breaker for `remainingMs`, whatever its state: opossum reads the time from its options as it opens. */
export function openFor(breaker: OpossumBreaker, remainingMs: number): void {
  const times = timesOf(breaker)
  const usualMs = times.resetTimeout
  // What is open already would keep the timer it has.
  if (breaker.opened) breaker.close()
  times.resetTimeout = remainingMs
  try {
    breaker.open()
  } finally {
    times.resetTimeout = usualMs
  }
}

/** Milliseconds that the breaker stays open. */
export function recoveryTimeoutOf(breaker: OpossumBreaker): number {
  return timesOf(breaker).resetTimeout
}

function timesOf(breaker: OpossumBreaker): OpossumTimes {
  // Safe: opossum fills in the time in its constructor, and reads it from there; fromOpossum takes nothing without it.
  return (breaker as OpossumBreaker & { readonly options: OpossumTimes }).options
}
