import { type CloseOptions, requireDrainTimeout } from '@golden-arch/core/time'
import { checkRequest } from './check-request.ts'
import type { ExecutionLimits } from './execution-limits.ts'
import { NEVER_RAN, reportExecution } from './execution-report.ts'
import type { ExecutionRequest } from './execution-request.ts'
import type { ExecutionEvent, ExecutionResult } from './execution-result.ts'
import { ExecutionSpans } from './execution-spans.ts'
import { ExecutionTurns, type Turn } from './execution-turns.ts'
import { encodeFiles } from './input-files.ts'
import { OpenSessions } from './open-sessions.ts'
import type { GuestProgram, OutputListener, SandboxLease } from './ports/sandbox-backend.ts'
import { requireIsolation } from './require-isolation.ts'
import { givenLimits } from './resolve-limits.ts'
import {
  type ResolvedSandboxExecutorOptions,
  resolveSandboxExecutorOptions,
  type SandboxExecutorOptions,
} from './sandbox-executor-options.ts'
import type { SandboxSession } from './sandbox-session.ts'
import type { SessionRequest } from './session-request.ts'
import { streamExecution } from './stream-execution.ts'

/** What a caller may add to one execution. */
export interface ExecutionOptions {
  /**
   * Ends the execution: one that waits never runs, one that runs is stopped. Its status is then `cancelled`. That is a result and no
   * error, as what the guest wrote and used until then, and what ran where, is to be known all the same.
   */
  readonly signal?: AbortSignal | undefined
}

/** What a caller may add to the opening of a session. */
export interface OpenSessionOptions {
  /** Calls the opening off: it then fails with `ABORTED`. Without effect once the session is open. */
  readonly signal?: AbortSignal | undefined
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
  readonly #turns: ExecutionTurns
  readonly #sessions: OpenSessions
  readonly #spans: ExecutionSpans
  readonly #closing = new AbortController()

  /**
   * @throws InvalidOptionError `INVALID_OPTION`; SandboxError `SANDBOX_ISOLATION_UNAVAILABLE` where the
   * backend is weaker than `minimumIsolation`.
   */
  constructor(options: SandboxExecutorOptions) {
    this.#options = resolveSandboxExecutorOptions(options)
    this.#turns = new ExecutionTurns(this.#options)
    this.#sessions = new OpenSessions(this.#options, this.#turns)
    this.#spans = new ExecutionSpans(this.#options)
  }

  /** How many executions run and wait at this moment. */
  get stats(): SandboxExecutorStats {
    const { runningCount, queuedCount } = this.#turns
    return { running: runningCount, queued: queuedCount, sessions: this.#sessions.count }
  }

  /**
   * Runs one request and resolves to how it ended.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID`; SandboxError `SANDBOX_ISOLATION_UNAVAILABLE`; SandboxError `SANDBOX_RATE_LIMITED`;
   * SandboxError `SANDBOX_QUEUE_FULL`; SandboxError `SANDBOX_QUEUE_TIMEOUT`, `SANDBOX_CLOSED` or `SANDBOX_INFRA`. After
   * `SANDBOX_INFRA` the guest may have run in part; it is never run again without being asked.
   */
  execute(request: ExecutionRequest, options: ExecutionOptions = {}): Promise<ExecutionResult> {
    return this.#spans.execution(request, () => this.#execute(request, options.signal))
  }

  /**
   * Says at once what {@link execute} would refuse in a request, whenever it came.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID`; SandboxError `SANDBOX_ISOLATION_UNAVAILABLE`.
   */
  check(request: ExecutionRequest): void {
    this.#limitsOf(request)
    requireIsolation(this.#options.backend, request.minimumIsolation)
  }

  /**
   * Runs one request and tells what the guest writes as it writes it, then the result. It begins with the first step of the
   * iteration; leaving the loop early ends the execution.
   * @throws what {@link execute} throws, from the iteration.
   */
  stream(
    request: ExecutionRequest,
    options: ExecutionOptions = {},
  ): AsyncGenerator<ExecutionEvent, void, undefined> {
    return streamExecution(
      (signal, onOutput) => this.#spans.execution(request, () => this.#execute(request, signal, onOutput)),
      options.signal,
    )
  }

  /**
   * Opens a session, which takes one turn of the queue until it ends.
   * @throws what {@link execute} throws; SandboxError `SANDBOX_SESSIONS_FULL`; TimeError `ABORTED` where the signal fired first.
   */
  openSession(request: SessionRequest, { signal }: OpenSessionOptions = {}): Promise<SandboxSession> {
    return this.#sessions.open(request, signal)
  }

  /**
   * Takes no more work, lets what was accepted end within `drainTimeoutMs`, then dismisses what still waits
   * (`SANDBOX_CLOSED`) and stops what still runs (`cancelled`). Sessions end at once, or after the step that runs. The backend
   * stays open: it is the caller's.
   * @throws InvalidOptionError `INVALID_OPTION`
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const drainTimeoutMs = requireDrainTimeout(options)
    const closed = this.#turns.close()
    this.#sessions.drain('executor-closed')
    const timer = this.#options.clock.schedule(drainTimeoutMs, () => {
      this.#turns.dismissWaiting()
      this.#sessions.stop('executor-closed')
      this.#closing.abort()
    })
    await closed
    timer.cancel()
  }

  /** As {@link close} with its defaults. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #execute(
    request: ExecutionRequest,
    signal: AbortSignal | undefined,
    onOutput?: OutputListener,
  ): Promise<ExecutionResult> {
    const { backend } = this.#options
    const limits = this.#limitsOf(request)
    const turn = await this.#turns.take(request, signal)
    if (turn.startMs !== undefined) return this.#runInTurn(request, limits, turn, signal, onOutput)
    this.#turns.meter.ended(request.language, 'cancelled', 0)
    const timings = { queueMs: turn.queueMs, acquireMs: 0, runMs: 0 }
    return reportExecution(backend, { ...request, limits, timings }, NEVER_RAN)
  }

  #limitsOf(request: ExecutionRequest): ExecutionLimits {
    const { backend, limits } = this.#options
    checkRequest(request, backend.languages, backend.acceptedInputs)
    return backend.resolveLimits({ ...limits, ...givenLimits(request.limits) })
  }

  async #runInTurn(
    request: ExecutionRequest,
    limits: ExecutionLimits,
    turn: Turn,
    signal: AbortSignal | undefined,
    onOutput: OutputListener | undefined,
  ): Promise<ExecutionResult> {
    const { backend, clock } = this.#options
    const { queueMs, startMs } = turn
    const program = guestProgram(request, limits)
    let lease: SandboxLease | undefined
    try {
      lease = await backend.acquire(program)
      const runStartMs = clock.monotonicMs()
      const ending =
        signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
      const outcome = ending.aborted ? NEVER_RAN : await lease.run(program, ending, onOutput)
      const endMs = clock.monotonicMs()
      this.#turns.meter.ended(request.language, outcome.status, endMs - startMs)
      const timings = { queueMs, acquireMs: runStartMs - startMs, runMs: endMs - runStartMs }
      return reportExecution(backend, { ...request, limits, timings }, outcome)
    } catch (cause) {
      throw this.#turns.fail(request, request.executionId, cause)
    } finally {
      lease?.release()
      this.#turns.leave(turn)
    }
  }
}

function guestProgram(request: ExecutionRequest, limits: ExecutionLimits): GuestProgram {
  const { language, code, files, stdin, argv, env } = request
  return {
    language,
    code,
    limits,
    files: files === undefined ? undefined : encodeFiles(files),
    stdin,
    argv,
    env,
  }
}
