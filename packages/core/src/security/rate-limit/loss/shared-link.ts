import type { Gauge, Logger } from '../../../observability/index.ts'
import type { Clock, ScheduledTimer } from '../../../time/index.ts'

/** How a {@link SharedLink} is watched and when it asks again. */
export interface SharedLinkOptions {
  readonly failureThreshold: number
  readonly probeIntervalMs: number
  readonly degraded: Gauge
  readonly logger: Logger
  readonly clock: Clock
  /** Asks whether there is an answer again; rejects where there is none. */
  readonly probe: () => Promise<unknown>
}

type LinkState =
  | { readonly status: 'up'; readonly failures: number }
  | { readonly status: 'down'; readonly probeAtMs: number; readonly timer: ScheduledTimer }
  | { readonly status: 'probing' }
  | { readonly status: 'closed' }

/**
 * Whether the shared limiter answers: down after failures in a row, up again after one probe, of which one is under way
 * at a time. Probes need no calls, so that all processes find out soon, and none keeps the process alive.
 */
export class SharedLink {
  readonly #options: SharedLinkOptions
  #state: LinkState = { status: 'up', failures: 0 }
  #returnedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: SharedLinkOptions) {
    this.#options = options
    options.degraded.set(0)
  }

  /** Whether calls may be sent to the shared limiter. */
  get isUp(): boolean {
    return this.#state.status === 'up'
  }

  /**
   * Milliseconds for which calls that some process admitted alone during the last loss may still lie in the window; 0 or
   * less when they cannot. The processes find out within two intervals that the loss is over.
   */
  settledInMs(windowMs: number, nowMs: number): number {
    return Math.ceil(this.#returnedAtMs + windowMs + 2 * this.#options.probeIntervalMs - nowMs)
  }

  /** A call was answered. One that was sent before the link went down does not bring it up. */
  succeeded(): void {
    if (this.#state.status === 'up' && this.#state.failures > 0) this.#state = { status: 'up', failures: 0 }
  }

  /** A call was not answered. */
  failed(error: unknown): void {
    if (this.#state.status !== 'up') return
    const failures = this.#state.failures + 1
    const { failureThreshold, logger, degraded } = this.#options
    if (failures < failureThreshold) {
      this.#state = { status: 'up', failures }
      return
    }
    this.#probeLater()
    degraded.set(1)
    logger.warn(
      { err: error, failures },
      'the shared rate limiter does not answer, this process decides alone',
    )
  }

  /** Milliseconds until it is asked again. */
  probeInMs(nowMs: number): number {
    const atMs = this.#state.status === 'down' ? this.#state.probeAtMs : nowMs + this.#options.probeIntervalMs
    return Math.max(1, Math.ceil(atMs - nowMs))
  }

  /** Stops probing. */
  close(): void {
    if (this.#state.status === 'down') this.#state.timer.cancel()
    this.#state = { status: 'closed' }
  }

  #probeLater(): void {
    const { clock, probeIntervalMs } = this.#options
    const timer = clock.schedule(probeIntervalMs, () => void this.#probe())
    timer.hold?.(false)
    this.#state = { status: 'down', probeAtMs: clock.monotonicMs() + probeIntervalMs, timer }
  }

  async #probe(): Promise<void> {
    const { probe, clock, degraded, logger } = this.#options
    this.#state = { status: 'probing' }
    const isAnswered = await probe().then(
      () => true,
      () => false,
    )
    if (this.#isClosed) return
    if (!isAnswered) {
      this.#probeLater()
      return
    }
    this.#state = { status: 'up', failures: 0 }
    this.#returnedAtMs = clock.monotonicMs()
    degraded.set(0)
    logger.info({}, 'the shared rate limiter answers again')
  }

  get #isClosed(): boolean {
    return this.#state.status === 'closed'
  }
}
