import { RecentMap } from '../recent-map.ts'

/** For how long a denial is passed on without asking again. */
const PASSED_ON_MS = 1000

interface Denial {
  readonly passedOnUntilMs: number
  readonly endsAtMs: number
}

/**
 * Denials of keys until their time is over. As a denied call counts for nothing, asking again before then would be denied
 * again: a flood costs this process a look-up and Redis nothing.
 */
export class DenialMemory {
  readonly #denials: RecentMap<Denial>

  constructor(maxKeys: number) {
    this.#denials = new RecentMap(maxKeys)
  }

  /** Remembers that no call of `key` would be admitted for `retryAfterMs`. */
  remember(key: string, retryAfterMs: number, nowMs: number): void {
    this.#denials.set(key, { passedOnUntilMs: nowMs + PASSED_ON_MS, endsAtMs: nowMs + retryAfterMs })
  }

  /**
   * Milliseconds that a denial of `key` still lasts, or undefined where the limiter is to be asked: after a second at
   * the latest, unless it cannot be asked and what it said last is all there is.
   */
  remainingMs(key: string, nowMs: number, canAsk: boolean): number | undefined {
    const denial = this.#denials.get(key)
    if (denial === undefined) return undefined
    if (nowMs >= denial.endsAtMs) this.#denials.delete(key)
    else if (!canAsk || nowMs < denial.passedOnUntilMs) return Math.ceil(denial.endsAtMs - nowMs)
    return undefined
  }
}
