import type { Clock, ScheduledTimer } from '../clock.ts'
import { requireDelay } from '../delay-rule.ts'

interface PendingTimer {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that moves only when told to. Timers fire in order of their due time, then of their creation. */
export class FakeClock implements Clock {
  #wallMs: number
  #monotonicMs = 0
  #order = 0
  readonly #pending = new Set<PendingTimer>()

  constructor(startAt: Date = new Date('2026-01-01T00:00:00.000Z')) {
    this.#wallMs = startAt.getTime()
  }

  now(): Date {
    return new Date(this.#wallMs)
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  schedule(delayMs: number, callback: () => void): ScheduledTimer {
    const timer: PendingTimer = {
      dueMs: this.#monotonicMs + requireDelay(delayMs),
      order: this.#order++,
      callback,
    }
    this.#pending.add(timer)
    return { cancel: () => void this.#pending.delete(timer) }
  }

  /** How many timers wait. */
  get pendingCount(): number {
    return this.#pending.size
  }

  /** Moves time on by `ms`, firing what falls due on the way; promises get their turn after each timer. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms
    for (;;) {
      const next = this.#nextDue(endMs)
      if (next === undefined) break
      this.#moveTo(next.dueMs)
      this.#pending.delete(next)
      next.callback()
      await settle()
    }
    this.#moveTo(endMs)
    await settle()
  }

  /** Moves the wall clock alone, as an administrator or NTP would; durations are untouched. */
  jumpWall(ms: number): void {
    this.#wallMs += ms
  }

  #moveTo(monotonicMs: number): void {
    const deltaMs = Math.max(0, monotonicMs - this.#monotonicMs)
    this.#monotonicMs += deltaMs
    this.#wallMs += deltaMs
  }

  #nextDue(limitMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined
    for (const timer of this.#pending) {
      if (timer.dueMs > limitMs) continue
      if (
        next === undefined ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.order < next.order)
      ) {
        next = timer
      }
    }
    return next
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
