import type { ScheduledTimer } from '@golden-arch/core/time'
import type { ExecutionLimits } from './execution-limits.ts'
import { NEVER_RAN, reportExecution } from './execution-report.ts'
import type { ExecutionEvent, ExecutionResult } from './execution-result.ts'
import type { ExecutionTurns } from './execution-turns.ts'
import type { OutputListener, SessionLease, SessionStep } from './ports/sandbox-backend.ts'
import { givenLimits } from './resolve-limits.ts'
import { SandboxError, type SessionEnd } from './sandbox-error.ts'
import type { ResolvedSandboxExecutorOptions } from './sandbox-executor-options.ts'
import type { SandboxSession, SessionStepOptions } from './sandbox-session.ts'
import { checkStep, type SessionRequest } from './session-request.ts'
import { streamExecution } from './stream-execution.ts'

/** What was asked for, with every default filled in. */
export interface OpenedSession extends SessionRequest {
  readonly sessionId: string
  readonly limits: ExecutionLimits
  readonly idleTimeoutMs: number
  readonly lifetimeMs: number
}

/** What a {@link HeldSession} works with. */
export interface HeldSessionOptions {
  readonly request: OpenedSession
  readonly lease: SessionLease
  readonly executor: Pick<ResolvedSandboxExecutorOptions, 'backend' | 'clock'>
  readonly turns: Pick<ExecutionTurns, 'limiter' | 'meter' | 'fail'>
  /** Called once, when the turn can be given back. */
  readonly onRelease: () => void
}

/** A session of an executor, on a lease of its backend. */
export class HeldSession implements SandboxSession {
  readonly #options: HeldSessionOptions
  readonly #lifetimeTimer: ScheduledTimer
  readonly #stopping = new AbortController()
  #idleTimer: ScheduledTimer | undefined
  #running: Promise<unknown> | undefined
  #stepCount = 0
  #end: SessionEnd | undefined
  #isReleased = false

  constructor(options: HeldSessionOptions) {
    this.#options = options
    const { executor, request } = options
    this.#lifetimeTimer = executor.clock.schedule(request.lifetimeMs, () => this.stop('lifetime'))
    this.#lifetimeTimer.hold?.(false)
    this.#awaitStep()
  }

  get sessionId(): string {
    return this.#options.request.sessionId
  }

  get tenantId(): string {
    return this.#options.request.tenantId
  }

  get language(): SandboxSession['language'] {
    return this.#options.request.language
  }

  get end(): SessionEnd | undefined {
    return this.#end
  }

  run(code: string, options: SessionStepOptions = {}): Promise<ExecutionResult> {
    return this.#run(code, options, options.signal)
  }

  stream(code: string, options: SessionStepOptions = {}): AsyncGenerator<ExecutionEvent, void, undefined> {
    return streamExecution((signal, onOutput) => this.#run(code, options, signal, onOutput), options.signal)
  }

  async close(): Promise<void> {
    this.stop('closed')
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Takes no more steps; one that runs may end by itself. */
  drain(end: SessionEnd): void {
    this.#end ??= end
    if (this.#running === undefined) this.#release()
  }

  /** Takes no more steps, and stops one that runs. */
  stop(end: SessionEnd): void {
    this.drain(end)
    this.#stopping.abort()
  }

  async #run(
    code: string,
    { limits = {} }: SessionStepOptions,
    signal: AbortSignal | undefined,
    onOutput?: OutputListener,
  ): Promise<ExecutionResult> {
    const { executor, lease, turns, request } = this.#options
    checkStep(code, limits)
    const step = {
      code,
      limits: executor.backend.resolveLimits({ ...request.limits, ...givenLimits(limits) }),
    }
    try {
      if (this.#running === undefined && !lease.isUsable) this.drain('guest-ended')
      if (this.#end !== undefined) throw SandboxError.sessionEnded(this.#end)
      if (this.#running !== undefined) throw SandboxError.sessionBusy()
      turns.limiter.take(request.tenantId, request.role)
    } catch (error) {
      turns.meter.refused(error)
      throw error
    }
    const running = this.#step(step, signal, onOutput)
    this.#running = running.catch(() => {})
    try {
      return await running
    } finally {
      this.#running = undefined
      if (this.#end === undefined) this.#awaitStep()
      else this.#release()
    }
  }

  async #step(
    step: SessionStep,
    signal: AbortSignal | undefined,
    onOutput: OutputListener | undefined,
  ): Promise<ExecutionResult> {
    const { lease, turns, executor, request } = this.#options
    const { backend, clock } = executor
    this.#idleTimer?.cancel()
    const executionId = `${this.sessionId}-${++this.#stepCount}`
    const startMs = clock.monotonicMs()
    const signals = signal === undefined ? [] : [signal]
    try {
      const outcome =
        signal?.aborted === true
          ? NEVER_RAN
          : await lease.run(step, AbortSignal.any([...signals, this.#stopping.signal]), onOutput)
      const runMs = clock.monotonicMs() - startMs
      if (!lease.isUsable) this.#end ??= STOPPED.has(outcome.status) ? 'stopped' : 'guest-ended'
      turns.meter.ended(this.language, outcome.status, runMs)
      const timings = { queueMs: 0, acquireMs: 0, runMs }
      return reportExecution(backend, { executionId, files: request.files, ...step, timings }, outcome)
    } catch (cause) {
      this.#end ??= 'failed'
      throw turns.fail(this, executionId, cause)
    }
  }

  #awaitStep(): void {
    const { executor, request } = this.#options
    this.#idleTimer = executor.clock.schedule(request.idleTimeoutMs, () => this.stop('idle'))
    this.#idleTimer.hold?.(false)
  }

  #release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#idleTimer?.cancel()
    this.#lifetimeTimer.cancel()
    this.#options.lease.release()
    this.#options.onRelease()
  }
}

const STOPPED: ReadonlySet<string> = new Set<ExecutionResult['status']>([
  'timed-out',
  'out-of-memory',
  'output-limit',
  'cancelled',
])
