import { BackendWatch } from './backend-watch.ts'
import { ExecutionQueue } from './execution-queue.ts'
import type { ExecutionRequest } from './execution-request.ts'
import { ExecutorMeter } from './executor-meter.ts'
import { requireIsolation } from './require-isolation.ts'
import { RoleLimiter } from './role-limiter.ts'
import { SandboxError } from './sandbox-error.ts'
import type { ResolvedSandboxExecutorOptions } from './sandbox-executor-options.ts'

/** What somebody needs to say to be given a turn. */
export type TurnRequest = Pick<ExecutionRequest, 'tenantId' | 'role' | 'priority' | 'minimumIsolation'>

/** A turn that was given, to be given back. */
export interface Turn {
  /** Milliseconds that it was waited for. */
  readonly queueMs: number
  /** When it began, by the clock's monotonic milliseconds. */
  readonly startMs: number
}

/** The turns of an executor: who gets one, who is refused and why, and what is measured of it. */
export class ExecutionTurns {
  /** Keeps the rate limits of roles. */
  readonly limiter: RoleLimiter
  /** Measures what is done in turns. */
  readonly meter: ExecutorMeter
  readonly #options: ResolvedSandboxExecutorOptions
  readonly #queue: ExecutionQueue
  readonly #watch: BackendWatch
  #isClosed = false

  constructor(options: ResolvedSandboxExecutorOptions) {
    const { backend, metrics, clock, rateLimits } = options
    this.#options = options
    this.meter = new ExecutorMeter(metrics, backend.id)
    this.limiter = new RoleLimiter(rateLimits, clock)
    this.#watch = new BackendWatch(backend, metrics, clock)
    this.#queue = new ExecutionQueue({
      ...options,
      onLengthChange: (length) => this.meter.queueDepth(length),
    })
  }

  /** Turns that are taken. */
  get runningCount(): number {
    return this.#queue.runningCount
  }

  /** Those who wait for one. */
  get queuedCount(): number {
    return this.#queue.waitingCount
  }

  /** Whether no more turns are given to those who come. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * A turn, to be given back with {@link leave}; without one, the milliseconds after which `signal` fired.
   * @throws SandboxError `SANDBOX_ISOLATION_UNAVAILABLE`; SandboxError `SANDBOX_RATE_LIMITED`; SandboxError `SANDBOX_QUEUE_FULL`; SandboxError
   * `SANDBOX_QUEUE_TIMEOUT` or `SANDBOX_CLOSED`.
   */
  async take(
    { tenantId, role, priority = 'normal', minimumIsolation }: TurnRequest,
    signal: AbortSignal | undefined,
  ): Promise<Turn | { readonly queueMs: number; readonly startMs?: never }> {
    const { backend, clock } = this.#options
    const askedMs = clock.monotonicMs()
    try {
      requireIsolation(backend, minimumIsolation)
      if (this.#isClosed) throw SandboxError.closed('the executor')
      this.limiter.take(tenantId, role)
      const isAdmitted = await this.#queue.enter({ tenantId, role, priority }, signal)
      const startMs = clock.monotonicMs()
      const queueMs = startMs - askedMs
      if (!isAdmitted) return { queueMs }
      this.meter.waited(priority, queueMs)
      return { queueMs, startMs }
    } catch (error) {
      this.meter.refused(error)
      throw error
    }
  }

  /** Gives a turn back. */
  leave({ startMs }: Turn): void {
    this.#queue.leave(this.#options.clock.monotonicMs() - startMs)
    this.look()
  }

  /** Measures what the backend tells of itself. */
  look(): void {
    this.#watch.look()
  }

  /** Tells of what the host failed to do in a turn, and gives the error for the caller. */
  fail({ language }: Pick<ExecutionRequest, 'language'>, executionId: string, cause: unknown): SandboxError {
    const { backend, logger } = this.#options
    this.meter.failed(language)
    logger.error({ err: cause, executionId, backend: backend.id }, 'sandbox execution failed')
    return cause instanceof SandboxError ? cause : SandboxError.infra('the backend failed', cause)
  }

  /** Gives no more turns to those who come, and resolves once all who have one or wait for one are done. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#queue.whenIdle()
    this.#watch.close()
  }

  /** Sends away those who wait. */
  dismissWaiting(): void {
    this.#queue.dismissWaiting(SandboxError.closed('the executor'))
  }
}
