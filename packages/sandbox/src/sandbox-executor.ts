import { requireInteger } from '@golden-arch/core/errors'
import { type Counter, type Histogram, METRICS } from '@golden-arch/core/observability'
import { checkRequest } from './check-request.ts'
import { EventBuffer } from './event-buffer.ts'
import type { ExecutionLimits } from './execution-limits.ts'
import { ExecutionQueue } from './execution-queue.ts'
import type { ExecutionRequest } from './execution-request.ts'
import type { ExecutionEvent, ExecutionResult, GuestOutcome } from './execution-result.ts'
import { satisfiesIsolation } from './isolation.ts'
import type { GuestProgram, OutputListener, SandboxLease } from './ports/sandbox-backend.ts'
import { provenanceOf } from './provenance.ts'
import { IsolationUnavailableError, SandboxError } from './sandbox-error.ts'
import {
  type ResolvedSandboxExecutorOptions,
  resolveSandboxExecutorOptions,
  type SandboxExecutorOptions,
} from './sandbox-executor-options.ts'

/** What a caller may add to one execution. */
export interface ExecuteOptions {
  /** Ends the execution: one that waits never runs, one that runs is stopped. Its status is then `cancelled`. */
  readonly signal?: AbortSignal
}

/** How an executor is closed. */
export interface CloseOptions {
  /** Milliseconds that accepted executions get to end by themselves, 0 to 3600000. Default 30000 (30 seconds). */
  readonly drainTimeoutMs?: number
}

/** What an executor is doing. */
export interface SandboxExecutorStats {
  readonly running: number
  readonly queued: number
}

/** Who may stop a run, and who hears it. */
interface RunListeners {
  readonly signal: AbortSignal | undefined
  readonly onOutput: OutputListener | undefined
}

const NEVER_RAN: GuestOutcome = Object.freeze({
  status: 'cancelled',
  stdout: '',
  stderr: '',
  truncated: Object.freeze({ stdout: false, stderr: false }),
})

/**
 * Runs untrusted code on a backend, a bounded number at a time and a bounded number waiting. What the guest does,
 * however bad, is a result; an error means that the host could not or would not run it.
 */
export class SandboxExecutor {
  readonly #options: ResolvedSandboxExecutorOptions
  readonly #queue: ExecutionQueue
  readonly #closing = new AbortController()
  readonly #executions: Counter
  readonly #failures: Counter
  readonly #seconds: Histogram
  #isClosed = false

  /**
   * @throws InvalidOptionError `INVALID_OPTION`; IsolationUnavailableError `ISOLATION_UNAVAILABLE` where the
   * backend is weaker than `minimumIsolation`.
   */
  constructor(options: SandboxExecutorOptions) {
    this.#options = resolveSandboxExecutorOptions(options)
    this.#queue = new ExecutionQueue(this.#options)
    this.#executions = this.#options.metrics.counter(METRICS.sandboxExecutions)
    this.#failures = this.#options.metrics.counter(METRICS.sandboxExecutionFailures)
    this.#seconds = this.#options.metrics.histogram(METRICS.sandboxExecutionSeconds)
  }

  /** How many executions run and wait at this moment. */
  get stats(): SandboxExecutorStats {
    return { running: this.#queue.runningCount, queued: this.#queue.waitingCount }
  }

  /**
   * Runs one request and resolves to how it ended.
   * @throws InvalidRequestError `INVALID_REQUEST`; IsolationUnavailableError `ISOLATION_UNAVAILABLE`;
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
  async *stream(
    request: ExecutionRequest,
    options: ExecuteOptions = {},
  ): AsyncGenerator<ExecutionEvent, void, undefined> {
    const leaving = new AbortController()
    const signals = options.signal === undefined ? [leaving.signal] : [leaving.signal, options.signal]
    const events = new EventBuffer<ExecutionEvent>()
    const onOutput: OutputListener = (stream, text) => events.push({ type: 'output', stream, text })
    const ended = this.#execute(request, AbortSignal.any(signals), onOutput).then(
      (result) => {
        events.push({ type: 'result', result })
        events.end()
      },
      (error: unknown) => events.fail(error),
    )
    try {
      yield* events
    } finally {
      leaving.abort()
      await ended
    }
  }

  async #execute(
    request: ExecutionRequest,
    signal: AbortSignal | undefined,
    onOutput?: OutputListener,
  ): Promise<ExecutionResult> {
    const { backend, clock } = this.#options
    const checked = checkRequest(request, backend.languages, backend.acceptedInputs)
    const required = checked.minimumIsolation
    if (required !== undefined && !satisfiesIsolation(backend.isolation, required)) {
      throw new IsolationUnavailableError(required, backend.isolation, backend.id)
    }
    const limits = backend.resolveLimits(checked.limits ?? {})
    if (this.#isClosed) throw SandboxError.closed('the executor')
    const startMs = clock.monotonicMs()
    const isAdmitted = await this.#queue.enter(signal)
    const queueMs = clock.monotonicMs() - startMs
    if (!isAdmitted) return this.#report(checked, limits, NEVER_RAN, { queueMs, acquireMs: 0, runMs: 0 })
    return this.#runInTurn(checked, limits, queueMs, { signal, onOutput })
  }

  /**
   * Takes no more work, lets what was accepted end within `drainTimeoutMs`, then dismisses what still waits
   * (`SANDBOX_CLOSED`) and stops what still runs (`cancelled`). The backend stays open: it is the caller's.
   * @throws InvalidOptionError `INVALID_OPTION`
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const drainTimeoutMs = requireInteger('drainTimeoutMs', options.drainTimeoutMs ?? 30_000, {
      max: 3_600_000,
    })
    this.#isClosed = true
    const timer = this.#options.clock.schedule(drainTimeoutMs, () => {
      this.#queue.dismissWaiting(SandboxError.closed('the executor'))
      this.#closing.abort()
    })
    await this.#queue.whenIdle()
    timer.cancel()
  }

  async #runInTurn(
    request: ExecutionRequest,
    limits: ExecutionLimits,
    queueMs: number,
    { signal, onOutput }: RunListeners,
  ): Promise<ExecutionResult> {
    const { backend, clock, logger } = this.#options
    const program = guestProgram(request, limits)
    const turnStartMs = clock.monotonicMs()
    let lease: SandboxLease | undefined
    try {
      lease = await backend.acquire(program)
      const runStartMs = clock.monotonicMs()
      const ending =
        signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
      const outcome = ending.aborted ? NEVER_RAN : await lease.run(program, ending, onOutput)
      const runMs = clock.monotonicMs() - runStartMs
      return this.#report(request, limits, outcome, { queueMs, acquireMs: runStartMs - turnStartMs, runMs })
    } catch (cause) {
      this.#failures.increment({ backend: backend.id })
      logger.error(
        { err: cause, executionId: request.executionId, backend: backend.id },
        'sandbox execution failed',
      )
      throw cause instanceof SandboxError ? cause : SandboxError.infra('the backend failed', cause)
    } finally {
      lease?.release()
      this.#queue.leave(clock.monotonicMs() - turnStartMs)
    }
  }

  #report(
    request: ExecutionRequest,
    limitsApplied: ExecutionLimits,
    { place, ...outcome }: GuestOutcome,
    timings: ExecutionResult['timings'],
  ): ExecutionResult {
    const { id: backend, isolation } = this.#options.backend
    this.#executions.increment({ backend, status: outcome.status })
    if (timings.runMs > 0) this.#seconds.observe(timings.runMs / 1000, { backend })
    const provenance = provenanceOf(request, outcome.files, place)
    return {
      ...outcome,
      executionId: request.executionId,
      timings,
      backend,
      isolation,
      limitsApplied,
      provenance,
    }
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
