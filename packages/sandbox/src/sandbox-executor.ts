import { randomUUID } from 'node:crypto'
import { requireInteger } from '@golden-arch/core/errors'
import { BackendWatch } from './backend-watch.ts'
import { checkRequest } from './check-request.ts'
import type { ExecutionLimits } from './execution-limits.ts'
import { ExecutionQueue } from './execution-queue.ts'
import { NEVER_RAN, reportExecution } from './execution-report.ts'
import type { ExecutionRequest } from './execution-request.ts'
import type { ExecutionEvent, ExecutionResult } from './execution-result.ts'
import { ExecutorMeter } from './executor-meter.ts'
import { HeldSession } from './held-session.ts'
import { type IsolationLevel, satisfiesIsolation } from './isolation.ts'
import type { GuestProgram, OutputListener, SandboxLease, SessionLease } from './ports/sandbox-backend.ts'
import type { LineMember } from './priority-line.ts'
import { RoleLimiter } from './role-limiter.ts'
import { IsolationUnavailableError, SandboxError, SessionEndedError } from './sandbox-error.ts'
import {
  type ResolvedSandboxExecutorOptions,
  resolveSandboxExecutorOptions,
  type SandboxExecutorOptions,
} from './sandbox-executor-options.ts'
import type { SandboxSession } from './sandbox-session.ts'
import { resolveSessionTimes, type SessionRequest } from './session-request.ts'
import { streamExecution } from './stream-execution.ts'

/** What a caller may add to one execution. */
export interface ExecuteOptions {
  /** Ends the execution: one that waits never runs, one that runs is stopped. Its status is then `cancelled`. */
  readonly signal?: AbortSignal
}

/** What a caller may add to the opening of a session. */
export interface OpenSessionOptions {
  /** Calls the opening off: it then fails with `SESSION_ENDED`. Without effect once the session is open. */
  readonly signal?: AbortSignal
}

/** How an executor is closed. */
export interface CloseOptions {
  /** Milliseconds that accepted executions get to end by themselves, 0 to 3600000. Default 30000 (30 seconds). */
  readonly drainTimeoutMs?: number
}

/** What an executor is doing. */
export interface SandboxExecutorStats {
  /** Turns that are taken, those of sessions too. */
  readonly running: number
  readonly queued: number
  readonly sessions: number
}

/**
 * Runs untrusted code on a backend, a bounded number at a time and a bounded number waiting. What the guest does,
 * however bad, is a result; an error means that the host could not or would not run it. Who waits is served by priority, and among
 * equals tenants in turn, roles in turn, and then who came first; every priority that waits gets one turn in nine at least.
 */
export class SandboxExecutor {
  readonly #options: ResolvedSandboxExecutorOptions
  readonly #queue: ExecutionQueue
  readonly #limiter: RoleLimiter
  readonly #meter: ExecutorMeter
  readonly #watch: BackendWatch
  readonly #closing = new AbortController()
  readonly #sessions = new Set<HeldSession>()
  #openingCount = 0
  #isClosed = false

  /**
   * @throws InvalidOptionError `INVALID_OPTION`; IsolationUnavailableError `ISOLATION_UNAVAILABLE` where the
   * backend is weaker than `minimumIsolation`.
   */
  constructor(options: SandboxExecutorOptions) {
    this.#options = resolveSandboxExecutorOptions(options)
    const { backend, metrics, clock, rateLimits } = this.#options
    this.#meter = new ExecutorMeter(metrics, backend.id)
    this.#watch = new BackendWatch(backend, metrics, clock)
    this.#limiter = new RoleLimiter(rateLimits, clock)
    this.#queue = new ExecutionQueue({
      ...this.#options,
      onLengthChange: (length) => this.#meter.queueDepth(length),
    })
  }

  /** How many executions run and wait at this moment. */
  get stats(): SandboxExecutorStats {
    return {
      running: this.#queue.runningCount,
      queued: this.#queue.waitingCount,
      sessions: this.#sessions.size,
    }
  }

  /**
   * Runs one request and resolves to how it ended.
   * @throws InvalidRequestError `INVALID_REQUEST`; IsolationUnavailableError `ISOLATION_UNAVAILABLE`; RateLimitedError `RATE_LIMITED`;
   * QueueFullError `QUEUE_FULL`; SandboxError `QUEUE_TIMEOUT`, `SANDBOX_CLOSED` or `SANDBOX_INFRA`. After
   * `SANDBOX_INFRA` the guest may have run in part; it is never run again without being asked.
   */
  execute(request: ExecutionRequest, options: ExecuteOptions = {}): Promise<ExecutionResult> {
    return this.#execute(request, options.signal)
  }

  /**
   * Runs one request and tells what the guest writes as it writes it, then the result. It begins with the first step of the
   * iteration; leaving the loop early ends the execution.
   * @throws what {@link execute} throws, from the iteration.
   */
  stream(
    request: ExecutionRequest,
    options: ExecuteOptions = {},
  ): AsyncGenerator<ExecutionEvent, void, undefined> {
    return streamExecution((signal, onOutput) => this.#execute(request, signal, onOutput), options.signal)
  }

  /**
   * Opens a session, which takes one turn of the queue until it ends.
   * @throws what {@link execute} throws; SandboxError `TOO_MANY_SESSIONS`; SessionEndedError `SESSION_ENDED` where the signal fired first.
   */
  async openSession(request: SessionRequest, { signal }: OpenSessionOptions = {}): Promise<SandboxSession> {
    const { backend, maxSessions } = this.#options
    const times = resolveSessionTimes(request, backend)
    this.#requireIsolation(request.minimumIsolation)
    const limits = backend.resolveLimits(request.limits ?? {})
    if (this.#sessions.size + this.#openingCount >= maxSessions) {
      throw this.#refuse(SandboxError.tooManySessions(maxSessions))
    }
    this.#openingCount++
    try {
      const { isAdmitted } = await this.#takeTurn(request, signal)
      if (!isAdmitted) throw new SessionEndedError('never-opened')
      return await this.#openInTurn(request, limits, times, signal)
    } finally {
      this.#openingCount--
    }
  }

  /**
   * Takes no more work, lets what was accepted end within `drainTimeoutMs`, then dismisses what still waits
   * (`SANDBOX_CLOSED`) and stops what still runs (`cancelled`). Sessions end at once, or after the step that runs. The backend
   * stays open: it is the caller's.
   * @throws InvalidOptionError `INVALID_OPTION`
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const drainTimeoutMs = requireInteger('drainTimeoutMs', options.drainTimeoutMs ?? 30_000, {
      max: 3_600_000,
    })
    this.#isClosed = true
    for (const session of this.#sessions) session.drain('executor-closed')
    const timer = this.#options.clock.schedule(drainTimeoutMs, () => {
      this.#queue.dismissWaiting(SandboxError.closed('the executor'))
      for (const session of this.#sessions) session.stop('executor-closed')
      this.#closing.abort()
    })
    await this.#queue.whenIdle()
    timer.cancel()
    this.#watch.close()
  }

  async #execute(
    request: ExecutionRequest,
    signal: AbortSignal | undefined,
    onOutput?: OutputListener,
  ): Promise<ExecutionResult> {
    const { backend } = this.#options
    checkRequest(request, backend.languages, backend.acceptedInputs)
    this.#requireIsolation(request.minimumIsolation)
    const limits = backend.resolveLimits(request.limits ?? {})
    const { isAdmitted, queueMs } = await this.#takeTurn(request, signal)
    if (isAdmitted) return this.#runInTurn(request, limits, queueMs, signal, onOutput)
    this.#meter.ended(request.language, 'cancelled', 0)
    const timings = { queueMs, acquireMs: 0, runMs: 0 }
    return reportExecution(backend, { ...request, limits, timings }, NEVER_RAN)
  }

  #requireIsolation(required: IsolationLevel | undefined): void {
    const { id, isolation } = this.#options.backend
    if (required !== undefined && !satisfiesIsolation(isolation, required)) {
      throw this.#refuse(new IsolationUnavailableError(required, isolation, id))
    }
  }

  async #takeTurn(
    { tenantId, role, priority = 'normal' }: Pick<ExecutionRequest, 'tenantId' | 'role' | 'priority'>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly isAdmitted: boolean; readonly queueMs: number }> {
    const { clock } = this.#options
    const startMs = clock.monotonicMs()
    const member: LineMember = { tenantId, role, priority }
    try {
      if (this.#isClosed) throw SandboxError.closed('the executor')
      this.#limiter.take(tenantId, role)
      const isAdmitted = await this.#queue.enter(member, signal)
      const queueMs = clock.monotonicMs() - startMs
      if (isAdmitted) this.#meter.waited(priority, queueMs)
      return { isAdmitted, queueMs }
    } catch (error) {
      throw this.#refuse(error)
    }
  }

  async #runInTurn(
    request: ExecutionRequest,
    limits: ExecutionLimits,
    queueMs: number,
    signal: AbortSignal | undefined,
    onOutput: OutputListener | undefined,
  ): Promise<ExecutionResult> {
    const { backend, clock } = this.#options
    const { language, executionId } = request
    const program = guestProgram(request, limits)
    const turnStartMs = clock.monotonicMs()
    let lease: SandboxLease | undefined
    try {
      lease = await backend.acquire(program)
      const runStartMs = clock.monotonicMs()
      const ending =
        signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
      const outcome = ending.aborted ? NEVER_RAN : await lease.run(program, ending, onOutput)
      const endMs = clock.monotonicMs()
      this.#meter.ended(language, outcome.status, endMs - turnStartMs)
      const timings = { queueMs, acquireMs: runStartMs - turnStartMs, runMs: endMs - runStartMs }
      return reportExecution(backend, { ...request, limits, timings }, outcome)
    } catch (cause) {
      throw this.#fail(request, executionId, cause)
    } finally {
      lease?.release()
      this.#leave(turnStartMs)
    }
  }

  async #openInTurn(
    request: SessionRequest,
    limits: ExecutionLimits,
    times: { readonly idleTimeoutMs: number; readonly lifetimeMs: number },
    signal: AbortSignal | undefined,
  ): Promise<SandboxSession> {
    const { backend, clock, logger } = this.#options
    const { language, files, env, sessionId = `session-${randomUUID()}` } = request
    const turnStartMs = clock.monotonicMs()
    const inputs = { ...(files === undefined ? {} : { files }), ...(env === undefined ? {} : { env }) }
    let lease: SessionLease | undefined
    try {
      lease = await backend.openSession?.({ language, limits, lifetimeMs: times.lifetimeMs, ...inputs })
      if (lease === undefined) throw SandboxError.infra(`backend ${backend.id} opens no sessions`)
    } catch (cause) {
      this.#leave(turnStartMs)
      throw this.#fail(request, sessionId, cause)
    }
    if (signal?.aborted === true || this.#isClosed) {
      lease.release()
      this.#leave(turnStartMs)
      throw this.#isClosed ? SandboxError.closed('the executor') : new SessionEndedError('never-opened')
    }
    const session: HeldSession = new HeldSession({
      ...times,
      request,
      sessionId,
      lease,
      backend,
      limiter: this.#limiter,
      meter: this.#meter,
      clock,
      logger,
      onRelease: () => {
        this.#sessions.delete(session)
        this.#meter.sessionsOpen(this.#sessions.size)
        this.#leave(turnStartMs)
      },
    })
    this.#sessions.add(session)
    this.#meter.sessionsOpen(this.#sessions.size)
    this.#watch.look()
    return session
  }

  #leave(turnStartMs: number): void {
    this.#queue.leave(this.#options.clock.monotonicMs() - turnStartMs)
    this.#watch.look()
  }

  #refuse<Refusal>(error: Refusal): Refusal {
    this.#meter.refused(error)
    return error
  }

  #fail({ language }: Pick<ExecutionRequest, 'language'>, executionId: string, cause: unknown): SandboxError {
    const { backend, logger } = this.#options
    this.#meter.failed(language)
    logger.error({ err: cause, executionId, backend: backend.id }, 'sandbox execution failed')
    return cause instanceof SandboxError ? cause : SandboxError.infra('the backend failed', cause)
  }
}

function guestProgram(request: ExecutionRequest, limits: ExecutionLimits): GuestProgram {
  const { language, code, files, stdin, argv, env } = request
  return {
    language,
    code,
    limits,
    ...(files === undefined ? {} : { files }),
    ...(stdin === undefined ? {} : { stdin }),
    ...(argv === undefined ? {} : { argv }),
    ...(env === undefined ? {} : { env }),
  }
}
