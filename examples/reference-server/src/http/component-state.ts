import { type Clock, sleep, systemClock, withDeadline } from '@golden-arch/core/time'

/** What a {@link ComponentState} is made of. */
export interface ComponentStateOptions {
  /** Asks the component; whatever it resolves to, the component answers. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>
  /** Default the system clock. */
  readonly clock?: Clock
}

const CHECK_TIMEOUT_MS = 5000
const WAIT_MS = 100

/**
 * Whether a component answers. Whoever asks waits {@link WAIT_MS} at most and is told what was found last then, while the
 * check goes on for the next who asks; the first check of all alone is waited for. One check runs at a time.
 */
export class ComponentState {
  readonly #ask: ComponentStateOptions['ask']
  readonly #clock: Clock
  #found: boolean | undefined
  #check: Promise<boolean> | undefined

  constructor(options: ComponentStateOptions) {
    this.#ask = options.ask
    this.#clock = options.clock ?? systemClock
  }

  /** Never rejects. */
  async isUp(): Promise<boolean> {
    const check = this.#check ?? this.#look()
    this.#check = check
    const known = this.#found
    if (known === undefined) return await check
    const waiting = new AbortController()
    const late = sleep(WAIT_MS, { clock: this.#clock, signal: waiting.signal }).then(
      () => known,
      () => check,
    )
    try {
      return await Promise.race([check, late])
    } finally {
      waiting.abort()
    }
  }

  async #look(): Promise<boolean> {
    try {
      await withDeadline({ timeoutMs: CHECK_TIMEOUT_MS, clock: this.#clock }, this.#ask)
      this.#found = true
    } catch {
      this.#found = false
    }
    this.#check = undefined
    return this.#found
  }
}
