import { isGoldenError } from '../../errors/index.ts'
import { type Clock, type ScheduledTimer, TimeError } from '../../time/index.ts'
import { decideRunEnd, type RunCause, type WorkEnd } from './decide-run-end.ts'
import type { ClaimedStep, HeartbeatAnswer } from './step.ts'

/** How a run of a step ended. */
export type ClaimedRun<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** The run failed, and another will begin after a pause. */
  | { readonly kind: 'retrying'; readonly error: unknown }
  /** The step has failed. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Given back, since the caller stops. */
  | { readonly kind: 'released' }
  /** Given back by its work, which could not begin: nobody claims it for `afterMs`, and the run is not counted. */
  | { readonly kind: 'held-back'; readonly afterMs: number }
  | { readonly kind: 'cancelled' }
  /** Another process runs the step now, or will. */
  | { readonly kind: 'lost' }

/** What may end a run early. */
export interface StepRunOptions {
  /** Fires when the caller stops: the run is told to end, and the step given back. */
  readonly signal?: AbortSignal | undefined
}

/** How a run is watched. */
interface RunTerms extends StepRunOptions {
  readonly leaseMs: number
  readonly heartbeatMs: number
  readonly stopGraceMs: number
  readonly clock: Clock
}

/** What a run writes through. */
interface StepWriter {
  heartbeat(claim: ClaimedStep): Promise<HeartbeatAnswer>
  finish(claim: ClaimedStep, result: object): Promise<void>
  fail(
    claim: ClaimedStep,
    error: unknown,
    options: { readonly retryable: boolean; readonly retryAfterMs?: number },
  ): Promise<'requested' | 'failed'>
  release(claim: ClaimedStep, options?: { readonly afterMs?: number | undefined }): Promise<void>
}

/** One run of a claimed step, from its first heartbeat to what is written of it. */
export class StepRun<Result extends object> {
  readonly #writer: StepWriter
  readonly #claim: ClaimedStep
  readonly #terms: RunTerms
  readonly #controller = new AbortController()
  readonly #timers = new Set<ScheduledTimer>()
  #leaseTimer: ScheduledTimer | undefined
  #cause: RunCause | undefined
  #hasEnded = false
  #giveUp: () => void = () => {}

  constructor(writer: StepWriter, claim: ClaimedStep, terms: RunTerms) {
    this.#writer = writer
    this.#claim = claim
    this.#terms = terms
  }

  /** Runs `work` and writes what came of it. */
  async run(work: (signal: AbortSignal) => Promise<Result>): Promise<ClaimedRun<Result>> {
    const { signal, clock } = this.#terms
    const onStop = (): void => this.#stop('stopped')
    const abandoned = new Promise<WorkEnd<Result>>((resolve) => {
      this.#giveUp = () => resolve({ kind: 'abandoned' })
    })
    signal?.addEventListener('abort', onStop, { once: true })
    this.#leaseHeldSince(clock.monotonicMs())
    this.#after(this.#claim.timeoutMs, () => this.#stop('deadline'))
    this.#beatLater()
    if (signal?.aborted) this.#stop('stopped')
    try {
      const end = await Promise.race([endOf(work, this.#controller.signal), abandoned])
      return await this.#write(end)
    } finally {
      this.#hasEnded = true
      signal?.removeEventListener('abort', onStop)
      this.#leaseTimer?.cancel()
      for (const timer of this.#timers) timer.cancel()
    }
  }

  async #write(end: WorkEnd<Result>): Promise<ClaimedRun<Result>> {
    const decision = decideRunEnd(end, this.#cause, this.#claim.timeoutMs)
    try {
      if (decision.kind === 'finish') {
        await this.#writer.finish(this.#claim, decision.result)
        return { kind: 'done', result: decision.result }
      }
      if (decision.kind === 'fail') return await this.#fail(decision.error, decision)
      if (decision.kind === 'hold-back') {
        await this.#writer.release(this.#claim, { afterMs: decision.afterMs })
        return { kind: 'held-back', afterMs: decision.afterMs }
      }
      if (decision.kind !== 'release') return decision
      await this.#writer.release(this.#claim)
      return { kind: 'released' }
    } catch (error) {
      if (isGoldenError(error, 'STEP_LEASE_LOST'))
        return { kind: error.details.state === 'cancelled' ? 'cancelled' : 'lost' }
      // A result that cannot be kept would be no smaller the next time.
      if (decision.kind === 'finish' && isGoldenError(error, 'INVALID_OPTION'))
        return this.#fail(error, { retryable: false })
      throw error
    }
  }

  async #fail(
    error: unknown,
    options: { readonly retryable: boolean; readonly retryAfterMs?: number },
  ): Promise<ClaimedRun<Result>> {
    const state = await this.#writer.fail(this.#claim, error, options)
    return { kind: state === 'requested' ? 'retrying' : 'failed', error }
  }

  #stop(cause: RunCause): void {
    if (this.#cause !== undefined || this.#hasEnded) return
    this.#cause = cause
    this.#controller.abort(
      cause === 'deadline' ? TimeError.deadlineExceeded(this.#claim.timeoutMs) : TimeError.aborted(cause),
    )
    this.#after(this.#terms.stopGraceMs, () => this.#giveUp())
  }

  #beatLater(): void {
    this.#after(this.#terms.heartbeatMs, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    const askedAtMs = this.#terms.clock.monotonicMs()
    // A database that does not answer takes nothing away before the lease is over.
    const answer = await this.#writer.heartbeat(this.#claim).catch(() => undefined)
    if (this.#hasEnded) return
    if (answer === 'held') this.#leaseHeldSince(askedAtMs)
    else if (answer !== undefined) this.#stop(answer)
    if (answer === 'held' || answer === undefined) this.#beatLater()
  }

  /** The lease lasts from the moment at which its renewal was asked for, or longer. */
  #leaseHeldSince(askedAtMs: number): void {
    const { clock, leaseMs } = this.#terms
    this.#leaseTimer?.cancel()
    const leftMs = Math.max(0, askedAtMs + leaseMs - clock.monotonicMs())
    this.#leaseTimer = clock.schedule(leftMs, () => this.#stop('lost'))
  }

  #after(delayMs: number, callback: () => void): void {
    const timer = this.#terms.clock.schedule(delayMs, () => {
      this.#timers.delete(timer)
      callback()
    })
    this.#timers.add(timer)
  }
}

async function endOf<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<WorkEnd<Result>> {
  try {
    // Work that is told to end before it begins might never look again.
    signal.throwIfAborted()
    return { kind: 'resolved', result: await work(signal) }
  } catch (error) {
    return { kind: 'threw', error }
  }
}
