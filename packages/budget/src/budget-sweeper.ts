import { requireInteger } from '@golden-arch/core/errors'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { BudgetController } from './budget-controller.ts'
import { DEFAULT_KEEP_MS, MIN_KEEP_MS } from './ledger-upkeep.ts'

/** What a {@link BudgetSweeper} is made of. */
export interface BudgetSweeperOptions {
  readonly budgets: Pick<BudgetController, 'sweepExpired' | 'closePeriods'>
  /** Milliseconds between sweeps for expired holds, 100 to 86400000. Default 5000 (5 seconds). */
  readonly sweepEveryMs?: number
  /** Milliseconds between turns of retention, 1000 to 86400000. Default 3600000 (1 hour). */
  readonly closeEveryMs?: number
  /** As of `closePeriods`, at least 172800000 (2 days). Default 34560000000 (400 days). */
  readonly keepMs?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
  /** Where a failed sweep is told; the next one tries again. Default: none. */
  readonly logger?: Logger
}

/** The values used where none are given. */
export const DEFAULT_BUDGET_SWEEPER_OPTIONS: Readonly<{
  sweepEveryMs: number
  closeEveryMs: number
  keepMs: number
}> = Object.freeze({ sweepEveryMs: 5_000, closeEveryMs: 3_600_000, keepMs: DEFAULT_KEEP_MS })

const SWEEP_LIMIT = 500
const CLOSE_LIMIT = 5000
/** A turn ends after this much, so that a long backlog does not hold up the other duty. */
const MAX_PARTS = 100

/** Expires holds and retires old movements in the background; it may run in every process. */
export class BudgetSweeper {
  readonly #options: Required<Omit<BudgetSweeperOptions, 'keepMs'>> & { readonly keepMs: number }
  #stopping: AbortController | undefined
  #turns: readonly Promise<void>[] = []

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: BudgetSweeperOptions) {
    const defaults = DEFAULT_BUDGET_SWEEPER_OPTIONS
    const { sweepEveryMs, closeEveryMs, keepMs } = { ...defaults, ...options }
    this.#options = {
      budgets: options.budgets,
      sweepEveryMs: requireInteger('sweepEveryMs', sweepEveryMs, { min: 100, max: 86_400_000 }),
      closeEveryMs: requireInteger('closeEveryMs', closeEveryMs, { min: 1000, max: 86_400_000 }),
      keepMs: requireInteger('keepMs', keepMs, { min: MIN_KEEP_MS }),
      clock: options.clock ?? systemClock,
      logger: options.logger ?? silentLogger,
    }
  }

  /** Starts both duties; without effect while they run. */
  start(): void {
    if (this.#stopping !== undefined) return
    const stopping = new AbortController()
    this.#stopping = stopping
    const { signal } = stopping
    const { budgets, sweepEveryMs, closeEveryMs, keepMs } = this.#options
    const sweep = async (): Promise<boolean> =>
      (await budgets.sweepExpired({ limit: SWEEP_LIMIT, signal })).expiredCount === SWEEP_LIMIT
    const close = async (): Promise<boolean> => {
      const closed = await budgets.closePeriods({ keepMs, limit: CLOSE_LIMIT, signal })
      return closed.movements === CLOSE_LIMIT || closed.reservations === CLOSE_LIMIT
    }
    this.#turns = [
      this.#repeat(sweepEveryMs, sweep, signal, 'a sweep for expired budget holds failed'),
      this.#repeat(closeEveryMs, close, signal, 'retention of budget movements failed'),
    ]
  }

  /** Stops, and waits for what is under way to end. */
  async stop(): Promise<void> {
    this.#stopping?.abort()
    this.#stopping = undefined
    await Promise.all(this.#turns)
  }

  async #repeat(
    everyMs: number,
    part: () => Promise<boolean>,
    signal: AbortSignal,
    failure: string,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        for (let parts = 0; parts < MAX_PARTS && !signal.aborted; parts++) if (!(await part())) break
      } catch (error) {
        if (!signal.aborted) this.#options.logger.warn({ err: error }, failure)
      }
      await this.#pause(everyMs, signal)
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = this.#options.clock.schedule(ms, end)
      signal.addEventListener('abort', end, { once: true })
    })
  }
}
