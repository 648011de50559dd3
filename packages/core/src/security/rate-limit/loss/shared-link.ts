import type { Gauge, Logger } from '../../../observability/index.ts'

/** How a {@link SharedLink} is watched and when it asks again. */
export interface SharedLinkOptions {
  readonly failureThreshold: number
  readonly probeIntervalMs: number
  readonly degraded: Gauge
  readonly logger: Logger
}

type LinkState =
  | { readonly status: 'up'; readonly failures: number }
  | { readonly status: 'down'; readonly probeAtMs: number; readonly isProbing: boolean }

/** Whether the shared limiter answers: down after failures in a row, up again after one probe, of which one is under way. */
export class SharedLink {
  readonly #options: SharedLinkOptions
  #state: LinkState = { status: 'up', failures: 0 }

  constructor(options: SharedLinkOptions) {
    this.#options = options
    options.degraded.set(0)
  }

  /** Whether calls may be sent to the shared limiter. */
  get isUp(): boolean {
    return this.#state.status === 'up'
  }

  /** Whether it is time to probe; whoever is told so does it. */
  claimProbe(nowMs: number): boolean {
    const state = this.#state
    if (state.status === 'up' || state.isProbing || nowMs < state.probeAtMs) return false
    this.#state = { ...state, isProbing: true }
    return true
  }

  /** A call was answered. One that was sent before the link went down does not bring it up. */
  succeeded(): void {
    if (this.#state.status === 'up' && this.#state.failures > 0) this.#state = { status: 'up', failures: 0 }
  }

  /** A call was not answered. */
  failed(error: unknown, nowMs: number): void {
    if (this.#state.status === 'down') return
    const failures = this.#state.failures + 1
    const { failureThreshold, logger, degraded } = this.#options
    if (failures < failureThreshold) {
      this.#state = { status: 'up', failures }
      return
    }
    this.#waitFrom(nowMs)
    degraded.set(1)
    logger.warn(
      { err: error, failures },
      'the shared rate limiter does not answer, this process decides alone',
    )
  }

  /** The probe was answered, or not. */
  probed(isAnswered: boolean, nowMs: number): void {
    if (!isAnswered) {
      this.#waitFrom(nowMs)
      return
    }
    this.#state = { status: 'up', failures: 0 }
    this.#options.degraded.set(0)
    this.#options.logger.info({}, 'the shared rate limiter answers again')
  }

  /** Milliseconds until it is asked again. */
  probeInMs(nowMs: number): number {
    const { probeIntervalMs } = this.#options
    const waitMs = this.#state.status === 'down' ? this.#state.probeAtMs - nowMs : probeIntervalMs
    return Math.max(1, Math.ceil(waitMs))
  }

  #waitFrom(nowMs: number): void {
    this.#state = { status: 'down', probeAtMs: nowMs + this.#options.probeIntervalMs, isProbing: false }
  }
}
