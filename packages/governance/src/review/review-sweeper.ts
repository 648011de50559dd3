import { requireInteger, requireMethods, withDefaults } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { requireRetention } from '@golden-arch/core/storage'
import { type Clock, repeat, systemClock } from '@golden-arch/core/time'
import type { PeerReviewStore } from './peer-review-store.ts'

/** What a {@link ReviewSweeper} is made of. */
export interface ReviewSweeperOptions {
  /** The rounds. */
  readonly reviews: Pick<PeerReviewStore, 'closeDue' | 'forgetClosed'>
  /** Milliseconds between sweeps, 100 to 86400000. Default 5000 (5 seconds). */
  readonly pollIntervalMs?: number | undefined
  /** Milliseconds for which a closed round is kept, 1 day to 10 years. Default: for ever. */
  readonly retentionMs?: number | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where a round that cannot be closed, and a failed sweep, are told; the next one tries again. Default: none. */
  readonly logger?: Logger | undefined
}

/** What a sweep of rounds did. */
export interface ReviewSweep {
  /** Rounds that were closed, as their deadline had passed. */
  readonly closed: number
  /** Rounds past their deadline that could not be closed; the next sweep tries them again. */
  readonly failed: number
  /** Old rounds that were removed. */
  readonly forgotten: number
}

const DEFAULTS = {
  reviews: undefined,
  pollIntervalMs: 5000,
  retentionMs: undefined,
  clock: systemClock,
  logger: silentLogger,
}
const SWEEP_LIMIT = 10_000
/** Of the rounds that could not be closed in a sweep, so many are named. */
const MAX_NAMED = 10

/** Closes rounds whose deadline has passed, in the background; it may run in every process. */
export class ReviewSweeper {
  readonly #options

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: ReviewSweeperOptions) {
    const given = withDefaults(options, DEFAULTS)
    requireMethods('reviews', given.reviews, ['closeDue', 'forgetClosed'])
    requireInteger('pollIntervalMs', given.pollIntervalMs, { min: 100, max: 86_400_000 })
    if (given.retentionMs !== undefined) requireRetention(given.retentionMs)
    this.#options = given
  }

  /**
   * Sweeps once: closes rounds past their deadline, and forgets old ones where it is told for how long they are kept; where
   * that fails it is told to the logger. The signal ends it after the round at hand.
   * @throws StorageError by code; TimeError `ABORTED` where the signal fired while it waited for a connection.
   */
  async runOnce({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<ReviewSweep> {
    const { reviews, logger } = this.#options
    const { closedCount, failures } = await reviews.closeDue({ limit: SWEEP_LIMIT, signal })
    const [first] = failures
    if (first !== undefined) {
      const reviewKeys = failures.slice(0, MAX_NAMED).map((one) => one.key)
      const facts = { err: first.error, failureCount: failures.length, reviewKeys }
      logger.warn(facts, 'reviews past their deadline could not be closed')
    }
    return { closed: closedCount, failed: failures.length, forgotten: await this.#forget(signal) }
  }

  /**
   * Sweeps at once and then at each interval until the signal fires; then finishes the round at hand and resolves.
   * Failures are logged and tried again after a pause that grows.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { pollIntervalMs, clock, logger } = this.#options
    await repeat(
      async () => {
        await this.runOnce({ signal })
      },
      {
        signal,
        pollIntervalMs,
        clock,
        onFailure: (err, failure) => logger.warn({ err, ...failure }, 'a sweep of reviews failed'),
      },
    )
  }

  /** Never rejects: what cannot be forgotten must not make the pauses longer before rounds that are due are closed. */
  async #forget(signal: AbortSignal | undefined): Promise<number> {
    const { reviews, retentionMs, logger } = this.#options
    if (retentionMs === undefined || signal?.aborted === true) return 0
    try {
      return await reviews.forgetClosed({ retentionMs, limit: SWEEP_LIMIT, signal })
    } catch (err) {
      if (!signal?.aborted) logger.warn({ err }, 'old reviews could not be forgotten')
      return 0
    }
  }
}
