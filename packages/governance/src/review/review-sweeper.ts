import { requireInteger } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import { requireKeepClosedMs } from './forget-rounds.ts'
import type { PeerReviewStore } from './peer-review-store.ts'

/** What a {@link ReviewSweeper} is made of. */
export interface ReviewSweeperOptions {
  readonly reviews: Pick<PeerReviewStore, 'closeDue' | 'forgetClosed'>
  /** Milliseconds between sweeps, 100 to 86400000. Default 5000 (5 seconds). */
  readonly sweepIntervalMs?: number
  /** Milliseconds for which a closed round is kept, 1 day to 10 years. Default: for ever. */
  readonly keepClosedMs?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Where a round that cannot be closed, and a failed sweep, are told; the next one tries again. Default: nowhere. */
  readonly logger?: Logger
}

const SWEEP_LIMIT = 10_000
/** Of the rounds that could not be closed in a sweep, so many are named. */
const MAX_NAMED = 10

/** Closes rounds whose deadline has passed, in the background; it may run in every process. */
export class ReviewSweeper {
  readonly #options: Required<Omit<ReviewSweeperOptions, 'keepClosedMs'>> &
    Pick<ReviewSweeperOptions, 'keepClosedMs'>

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: ReviewSweeperOptions) {
    const { sweepIntervalMs = 5_000, keepClosedMs } = options
    this.#options = {
      reviews: options.reviews,
      sweepIntervalMs: requireInteger('sweepIntervalMs', sweepIntervalMs, { min: 100, max: 86_400_000 }),
      clock: options.clock ?? systemClock,
      logger: options.logger ?? silentLogger,
      ...(keepClosedMs === undefined ? {} : { keepClosedMs: requireKeepClosedMs(keepClosedMs) }),
    }
  }

  /**
   * Sweeps at once and then at each interval until the signal fires; then finishes the round at hand and resolves.
   * Failures are logged and tried again.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { sweepIntervalMs, clock, logger } = this.#options
    while (!signal.aborted) {
      try {
        await this.#sweep(signal)
        await this.#forget(signal)
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'a sweep for reviews past their deadline failed')
      }
      // An abort ends the pause as its end does.
      await sleep(sweepIntervalMs, { signal, clock }).catch(() => undefined)
    }
  }

  async #forget(signal: AbortSignal): Promise<void> {
    const { reviews, keepClosedMs } = this.#options
    if (keepClosedMs === undefined || signal.aborted) return
    await reviews.forgetClosed({ keepClosedMs, limit: SWEEP_LIMIT, signal })
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { reviews, logger } = this.#options
    const { failures } = await reviews.closeDue({ limit: SWEEP_LIMIT, signal })
    const [first] = failures
    if (first === undefined) return
    const reviewKeys = failures.slice(0, MAX_NAMED).map((one) => one.key)
    const facts = { err: first.error, failureCount: failures.length, reviewKeys }
    logger.warn(facts, 'reviews past their deadline could not be closed')
  }
}
