import type { Logger } from '@golden-arch/core/observability'
import type { ClaimedTask, TaskClaims } from '@golden-arch/core/tasks'
import { type Clock, exponentialDelayMs, sleep, systemClock } from '@golden-arch/core/time'
import { holdClaim } from './held-claim.ts'
import type { Orchestrator } from './orchestrator.ts'

/** What a {@link TaskRunner} is made of. */
export interface TaskRunnerOptions {
  readonly claims: TaskClaims
  readonly orchestrator: Orchestrator
  readonly logger: Logger
  /** Roots worked on at once. */
  readonly concurrency: number
  /** Default the system clock. */
  readonly clock?: Clock
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: () => number
}

/** How long a runner runs. */
export interface RunOptions {
  readonly signal: AbortSignal
  /** Stop when no root can be claimed and none is being worked on. Default false: wait for more. */
  readonly untilIdle?: boolean
}

const IDLE_POLL_MS = 500
/** Claims that may fail one after the other before a run until idle is given up. */
const MAX_FAILED_CLAIMS = 20

/** How long a root rests after a run that threw: doubling with each, so that one that can never work costs little. */
const PAUSE = { initialDelayMs: 5000, maxDelayMs: 900_000 }

/**
 * Claims open roots and runs each to its end. A root whose run throws rests for a pause that doubles with each such run,
 * up to 15 minutes, and is then tried again, here or elsewhere; once it has moved, the pauses begin anew.
 */
export class TaskRunner {
  readonly #options: TaskRunnerOptions

  constructor(options: TaskRunnerOptions) {
    this.#options = options
  }

  /**
   * Works until the signal fires, or until idle where that is asked for; resolves when nothing runs any more.
   * Until idle it throws what claiming threw, after 20 failures in a row.
   */
  async run(options: RunOptions): Promise<void> {
    const running = new Set<Promise<void>>()
    let failedClaims = 0
    while (!options.signal.aborted) {
      const claim = running.size < this.#options.concurrency ? await this.#claim() : undefined
      failedClaims = claim instanceof ClaimFailure ? failedClaims + 1 : 0
      if (claim !== undefined && !(claim instanceof ClaimFailure)) {
        const work = this.#work(claim, options.signal).finally(() => running.delete(work))
        running.add(work)
        continue
      }
      if (running.size > 0) await Promise.race([...running, pause(options.signal)])
      else if (options.untilIdle === true && claim === undefined) return
      else if (options.untilIdle === true && failedClaims >= MAX_FAILED_CLAIMS) throw claim?.cause
      else await pause(options.signal)
    }
    await Promise.all(running)
  }

  async #claim(): Promise<ClaimedTask | ClaimFailure | undefined> {
    try {
      return await this.#options.claims.claimNext()
    } catch (error) {
      this.#options.logger.error({ err: error }, 'claiming a task failed')
      return new ClaimFailure(error)
    }
  }

  async #work(claim: ClaimedTask, signal: AbortSignal): Promise<void> {
    const { claims, orchestrator, logger } = this.#options
    const held = holdClaim(claims, claim, logger, this.#options.clock ?? systemClock)
    try {
      await orchestrator.run(claim.tenantId, claim.taskId, AbortSignal.any([signal, held.lost]))
      await claims.release(claim)
    } catch (error) {
      if (signal.aborted) await claims.release(claim).catch(() => undefined)
      else if (held.lost.aborted) logger.info({ ...claim }, 'a task run stopped: its claim is gone')
      else await this.#rest(claim, error)
    } finally {
      held.stop()
    }
  }

  async #rest(claim: ClaimedTask, error: unknown): Promise<void> {
    const { claims, logger, random = Math.random } = this.#options
    const afterMs = exponentialDelayMs(claim.failedRuns + 1, PAUSE, random())
    logger.error({ err: error, ...claim, afterMs }, 'a task run failed')
    await claims.postpone(claim, afterMs).catch((failure: unknown) => {
      // The lease lapses by itself.
      logger.warn({ err: failure, ...claim }, 'a root could not be put to rest')
    })
  }
}

/** That nothing could be claimed because claiming failed: not the same as nothing to do. */
class ClaimFailure {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return sleep(IDLE_POLL_MS, { signal }).catch(() => undefined)
}
