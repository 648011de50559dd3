import type { Logger } from '@golden-arch/core/observability'
import type { ClaimedTask, TaskClaims } from '@golden-arch/core/tasks'
import { sleep } from '@golden-arch/core/time'
import type { Orchestrator } from './orchestrator.ts'

/** What a {@link TaskRunner} is made of. */
export interface TaskRunnerOptions {
  readonly claims: TaskClaims
  readonly orchestrator: Orchestrator
  readonly logger: Logger
  /** Roots worked on at once. */
  readonly concurrency: number
}

/** How long a runner runs. */
export interface RunOptions {
  readonly signal: AbortSignal
  /** Stop when no root can be claimed and none is being worked on. Default false: wait for more. */
  readonly untilIdle?: boolean
}

const IDLE_POLL_MS = 500
const RENEW_EVERY_MS = 15_000

/**
 * Claims open roots and runs each to its end. A run that throws keeps its claim: the lease lapses by itself, and the
 * root is then tried again, here or elsewhere.
 */
export class TaskRunner {
  readonly #options: TaskRunnerOptions

  constructor(options: TaskRunnerOptions) {
    this.#options = options
  }

  /** Works until the signal fires, or until idle where that is asked for; resolves when nothing runs any more. */
  async run(options: RunOptions): Promise<void> {
    const running = new Set<Promise<void>>()
    while (!options.signal.aborted) {
      const claim = running.size < this.#options.concurrency ? await this.#claim() : undefined
      if (claim !== undefined) {
        const work = this.#work(claim, options.signal).finally(() => running.delete(work))
        running.add(work)
        continue
      }
      if (running.size > 0) await Promise.race([...running, pause(options.signal)])
      else if (options.untilIdle === true) return
      else await pause(options.signal)
    }
    await Promise.all(running)
  }

  async #claim(): Promise<ClaimedTask | undefined> {
    try {
      return await this.#options.claims.claimNext()
    } catch (error) {
      this.#options.logger.error({ err: error }, 'claiming a task failed')
      return undefined
    }
  }

  async #work(claim: ClaimedTask, signal: AbortSignal): Promise<void> {
    const { claims, orchestrator, logger } = this.#options
    const lost = new AbortController()
    const renewal = setInterval(() => {
      claims.renew(claim).then(
        (isOurs) => isOurs || lost.abort(),
        (error: unknown) => logger.warn({ err: error, ...claim }, 'renewing a claim failed'),
      )
    }, RENEW_EVERY_MS)
    try {
      await orchestrator.run(claim.tenantId, claim.taskId, AbortSignal.any([signal, lost.signal]))
      await claims.release(claim)
    } catch (error) {
      if (signal.aborted) await claims.release(claim).catch(() => undefined)
      else logger.error({ err: error, ...claim }, 'a task run failed')
    } finally {
      clearInterval(renewal)
    }
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return sleep(IDLE_POLL_MS, { signal }).catch(() => undefined)
}
