import { requireInteger, requireMethods, type WithDefaults, withDefaults } from '@golden-arch/core/errors'
import { type Logger, quietLogger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, repeat, systemClock } from '@golden-arch/core/time'
import type { CallOptions } from './budget-calls.ts'
import type { BudgetController } from './budget-controller.ts'
import { DEFAULT_RETENTION_MS, MIN_RETENTION_MS } from './ledger/ledger-upkeep.ts'

/** What a {@link BudgetSweeper} is made of. */
export interface BudgetSweeperOptions {
  /** The budgets: a BudgetController. */
  readonly budgets: Pick<BudgetController, 'sweepExpired' | 'forgetEnded'>
  /** Milliseconds between rounds for expired holds, 100 to 86400000. Default 5000 (5 seconds). */
  readonly pollIntervalMs?: number | undefined
  /** Milliseconds between rounds of retention, 1000 to 86400000. Default 3600000 (1 hour). */
  readonly retentionIntervalMs?: number | undefined
  /** As of `forgetEnded`, at least 172800000 (2 days). Default 34560000000 (400 days). */
  readonly retentionMs?: number | undefined
  /** Where pauses come from. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where a failed round is told; it is tried again. Default: none. */
  readonly logger?: Logger | undefined
}

/** What one round of a {@link BudgetSweeper} did. */
export interface BudgetSweep {
  /** Holds given back. */
  readonly expiredCount: number
  /** Movements folded into summaries. */
  readonly movements: number
  /** Ended reservations forgotten. */
  readonly reservations: number
}

/** The values used where none are given. */
const DEFAULT_BUDGET_SWEEPER_OPTIONS = Object.freeze({
  budgets: undefined,
  pollIntervalMs: 5_000,
  retentionIntervalMs: 3_600_000,
  retentionMs: DEFAULT_RETENTION_MS,
  clock: systemClock,
  logger: silentLogger,
} as const)

const DAY_MS = 86_400_000
const EXPIRY_LIMIT = 500
const RETENTION_LIMIT = 5000

/** Expires holds and retires old movements in the background; it may run in every process. */
export class BudgetSweeper {
  readonly #options: WithDefaults<BudgetSweeperOptions, typeof DEFAULT_BUDGET_SWEEPER_OPTIONS>

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: BudgetSweeperOptions) {
    const given = withDefaults(options, DEFAULT_BUDGET_SWEEPER_OPTIONS)
    this.#options = { ...given, logger: quietLogger(given.logger) }
    const { budgets, pollIntervalMs, retentionIntervalMs, retentionMs } = this.#options
    requireMethods('budgets', budgets, ['sweepExpired', 'forgetEnded'])
    requireInteger('pollIntervalMs', pollIntervalMs, { min: 100, max: DAY_MS })
    requireInteger('retentionIntervalMs', retentionIntervalMs, { min: 1000, max: DAY_MS })
    requireInteger('retentionMs', retentionMs, { min: MIN_RETENTION_MS })
  }

  /**
   * One round of both duties: at most 500 holds expired, and at most 5000 movements and as many reservations retired.
   * @throws as `sweepExpired` and `forgetEnded` of the controller.
   */
  async runOnce(options: CallOptions = {}): Promise<BudgetSweep> {
    const { signal } = options
    return { ...(await this.#expire(signal)), ...(await this.#retire(signal)) }
  }

  /**
   * Carries both duties out, each at once and then at its interval, until the signal fires; then finishes what is under
   * way and resolves. Failures are logged and tried again, after a pause that grows with each in a row.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { pollIntervalMs, retentionIntervalMs, clock, logger } = this.#options
    await Promise.all([
      repeat(async () => (await this.#expire(signal)).expiredCount >= EXPIRY_LIMIT, {
        signal,
        pollIntervalMs,
        clock,
        onFailure: (err, failure) =>
          logger.warn({ err, ...failure }, 'a sweep for expired budget holds failed'),
      }),
      repeat(
        async () => {
          const { movements, reservations } = await this.#retire(signal)
          return movements >= RETENTION_LIMIT || reservations >= RETENTION_LIMIT
        },
        {
          signal,
          pollIntervalMs: retentionIntervalMs,
          clock,
          onFailure: (err, failure) =>
            logger.warn({ err, ...failure }, 'retention of budget movements failed'),
        },
      ),
    ])
  }

  #expire(signal: AbortSignal | undefined): Promise<Pick<BudgetSweep, 'expiredCount'>> {
    return this.#options.budgets.sweepExpired({ limit: EXPIRY_LIMIT, signal })
  }

  #retire(signal: AbortSignal | undefined): Promise<Omit<BudgetSweep, 'expiredCount'>> {
    const { budgets, retentionMs } = this.#options
    return budgets.forgetEnded({ retentionMs, limit: RETENTION_LIMIT, signal })
  }
}
