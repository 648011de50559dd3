import { requireInteger } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import type { BudgetController } from './budget-controller.ts'
import { DEFAULT_RETENTION_MS, MIN_RETENTION_MS } from './ledger/ledger-upkeep.ts'

/** What a {@link BudgetSweeper} is made of. */
export interface BudgetSweeperOptions {
  readonly budgets: Pick<BudgetController, 'sweepExpired' | 'closePeriods'>
  /** Milliseconds between sweeps for expired holds, 100 to 86400000. Default 5000 (5 seconds). */
  readonly sweepIntervalMs?: number
  /** Milliseconds between turns of retention, 1000 to 86400000. Default 3600000 (1 hour). */
  readonly closeIntervalMs?: number
  /** As of `closePeriods`, at least 172800000 (2 days). Default 34560000000 (400 days). */
  readonly retentionMs?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Where a failed sweep is told; the next one tries again. Default: none. */
  readonly logger?: Logger
}

/** The values used where none are given. */
const DEFAULT_BUDGET_SWEEPER_OPTIONS = Object.freeze({
  sweepIntervalMs: 5_000,
  closeIntervalMs: 3_600_000,
  retentionMs: DEFAULT_RETENTION_MS,
})

const SWEEP_LIMIT = 500
const CLOSE_LIMIT = 5000
/** A turn ends after this much, so that a long backlog does not hold up the other duty. */
const MAX_PARTS = 100

/** Expires holds and retires old movements in the background; it may run in every process. */
export class BudgetSweeper {
  readonly #options: Required<Omit<BudgetSweeperOptions, 'retentionMs'>> & { readonly retentionMs: number }

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: BudgetSweeperOptions) {
    const defaults = DEFAULT_BUDGET_SWEEPER_OPTIONS
    const { sweepIntervalMs, closeIntervalMs, retentionMs } = { ...defaults, ...options }
    this.#options = {
      budgets: options.budgets,
      sweepIntervalMs: requireInteger('sweepIntervalMs', sweepIntervalMs, { min: 100, max: 86_400_000 }),
      closeIntervalMs: requireInteger('closeIntervalMs', closeIntervalMs, { min: 1000, max: 86_400_000 }),
      retentionMs: requireInteger('retentionMs', retentionMs, { min: MIN_RETENTION_MS }),
      clock: options.clock ?? systemClock,
      logger: options.logger ?? silentLogger,
    }
  }

  /**
   * Carries both duties out, each at once and then at its interval, until the signal fires; then finishes what is under
   * way and resolves. Failures are logged and tried again.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { budgets, sweepIntervalMs, closeIntervalMs, retentionMs } = this.#options
    const sweep = async (): Promise<boolean> =>
      (await budgets.sweepExpired({ limit: SWEEP_LIMIT, signal })).expiredCount === SWEEP_LIMIT
    const close = async (): Promise<boolean> => {
      const closed = await budgets.closePeriods({ retentionMs, limit: CLOSE_LIMIT, signal })
      return closed.movements === CLOSE_LIMIT || closed.reservations === CLOSE_LIMIT
    }
    await Promise.all([
      this.#repeat(sweepIntervalMs, sweep, signal, 'a sweep for expired budget holds failed'),
      this.#repeat(closeIntervalMs, close, signal, 'retention of budget movements failed'),
    ])
  }

  async #repeat(
    intervalMs: number,
    part: () => Promise<boolean>,
    signal: AbortSignal,
    failure: string,
  ): Promise<void> {
    const { clock, logger } = this.#options
    while (!signal.aborted) {
      try {
        for (let parts = 0; parts < MAX_PARTS && !signal.aborted; parts++) if (!(await part())) break
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, failure)
      }
      // An abort ends the pause as its end does.
      await sleep(intervalMs, { signal, clock }).catch(() => undefined)
    }
  }
}
