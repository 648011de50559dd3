import type { Actor } from '../audit/index.ts'
import { requireText } from '../errors/index.ts'
import { TimeError } from '../time/index.ts'
import { type CallOutcome, readError, readResult } from './call-outcome.ts'
import type { CircuitEventType, CircuitListener } from './circuit-breaker-events.ts'
import {
  type CircuitBreakerOptions,
  type ResolvedCircuitBreakerOptions,
  resolveCircuitBreakerOptions,
} from './circuit-breaker-options.ts'
import type { RemoteDecision } from './circuit-coordinator.ts'
import { circuitRejection, probeTimeout } from './circuit-rejection.ts'
import { CircuitReporter } from './circuit-reporter.ts'
import {
  type CircuitCause,
  type CircuitOrder,
  type CircuitState,
  closedReset,
  requireOrder,
} from './circuit-state.ts'
import { admit, type CircuitEvent, transition } from './circuit-transition.ts'
import { beginCall, type CallEnd } from './composition/begin-call.ts'
import type { Call } from './composition/layer.ts'
import { ownSignal } from './composition/own-signal.ts'
import type { Isolation } from './isolation.ts'
import type { CircuitHold } from './managed-circuit.ts'
import type { ExecuteOptions, Policy } from './policy.ts'
import { ProbeCall } from './probe-call.ts'
import type { StreamObserver } from './streams/stream-watch.ts'
import { watchStream } from './streams/watch-stream.ts'
import { FailureCounts } from './trip-rules/failure-counts.ts'

/** A change that the other processes do not hear of. */
const ALONE = Object.freeze({ isShared: false })
const CLOSED_AT_FIRST: CircuitState = Object.freeze({ status: 'closed', generation: 0 })
const DEFAULTS: ResolvedCircuitBreakerOptions = resolveCircuitBreakerOptions({})
/** The duration of a call that nobody wanted timed. */
const UNTIMED = -1

/** For registries alone: holds the breaker in a state. */
export let hold: (breaker: CircuitBreaker, order: CircuitHold) => void
/** For registries alone: takes over what other processes decided; false if it is not newer than the last. */
export let applyRemote: (breaker: CircuitBreaker, decision: RemoteDecision) => boolean

/**
 * A circuit breaker: counts the failures of calls to one service, rejects calls while the service is down, and finds out
 * with probes when it is back. It keeps no timer but for a probe that runs.
 */
export class CircuitBreaker implements Policy {
  readonly name: string
  readonly #options: ResolvedCircuitBreakerOptions
  readonly #reporter: CircuitReporter
  readonly #failures: FailureCounts
  #state = CLOSED_AT_FIRST
  #remoteEpoch = -1
  #isolations: Set<Isolation> | undefined
  /** The state above which the isolations stand. */
  #below: CircuitState | undefined
  #usual: CallEnd | undefined

  static {
    hold = (breaker, order) => breaker.#hold(order)
    applyRemote = (breaker, decision) => breaker.#applyRemote(decision)
  }

  /** @throws InvalidOptionError `INVALID_OPTION` on a name that is no text of 1 to 256 characters, or a bad option. */
  constructor(name: string, options?: CircuitBreakerOptions) {
    this.name = requireText('name', name)
    this.#options = options === undefined ? DEFAULTS : resolveCircuitBreakerOptions(options)
    this.#reporter = new CircuitReporter(name, this.#options)
    this.#failures = new FailureCounts(this.#options)
  }

  /** The state as of the last call: an open circuit becomes half-open with the first call after its recovery time. */
  get state(): CircuitState {
    return this.#state
  }

  /** Consecutive failures since the last success. */
  get failureCount(): number {
    return this.#failures.consecutive
  }

  /**
   * Makes the call unless the circuit is open. The call gets the caller's signal, or one that never fires; a probe
   * gets a signal of its own, which also fires at the probe's timeout. Only a probe is given up while it runs: another
   * call that ignores its signal is waited for.
   * @throws ResilienceError `CIRCUIT_OPEN` (retryable, with `retryAfterMs`), `CIRCUIT_ISOLATED`, `PROBE_TIMEOUT`;
   * TimeError `ABORTED` once the caller's signal has fired; else whatever `call` throws.
   */
  execute<T>(call: Call<T>, options?: ExecuteOptions): Promise<T> {
    const state = this.#state
    const { tracer } = this.#options
    if (tracer !== undefined) {
      const attributes = { 'circuit.name': this.name, 'circuit.status': state.status }
      return tracer.trace('circuit breaker', { attributes }, () => this.#execute(call, options?.signal))
    }
    if (state.status === 'closed') return this.#pass(call, state.generation, options?.signal)
    return this.#execute(call, options?.signal)
  }

  /** Hears of this breaker's events; the function returned ends it. What a listener throws is logged and changes nothing. */
  on<Type extends CircuitEventType>(type: Type, listener: CircuitListener<Type>): () => void {
    return this.#reporter.on(type, listener)
  }

  /**
   * Rejects every call, in all processes that share the circuit, until reset or forced otherwise.
   * @throws InvalidOptionError `INVALID_OPTION` on an order that says not who, or not why.
   */
  forceOpen(order: CircuitOrder): void {
    this.#hold({ status: 'forced-open', ...requireOrder(order) })
  }

  /** Lets every call pass, whatever fails; else as {@link CircuitBreaker.forceOpen}, also in what it throws. */
  forceClose(order: CircuitOrder): void {
    this.#hold({ status: 'forced-closed', ...requireOrder(order) })
  }

  /** Lets every call pass uncounted; else as {@link CircuitBreaker.forceOpen}, also in what it throws. */
  disable(order: CircuitOrder): void {
    this.#hold({ status: 'disabled', ...requireOrder(order) })
  }

  /** Rejects every call in this process until the isolation is released, as around maintenance. */
  isolate(reason = 'isolated'): Isolation {
    const isolation: Isolation = { release: () => this.#release(isolation) }
    this.#isolations ??= new Set()
    this.#isolations.add(isolation)
    this.#below ??= this.#state
    if (this.#state.status !== 'forced-open') {
      this.#apply({ kind: 'forced', status: 'forced-open', reason }, 'forced', ALONE)
    }
    return isolation
  }

  /** Closes the circuit in all processes that share it, lifts what holds it, and forgets its failures. */
  reset(): void {
    const before = this.#state
    this.#lift()
    this.#failures.clear()
    this.#apply({ kind: 'reset' }, 'reset')
    if (before.status !== 'closed') return
    // Others may have opened it for themselves alone.
    this.#options.coordinator?.transitioned(this.name, closedReset(before))
  }

  /** Takes over what other processes decided; false if it is not newer than the last. An isolation stands above it. */
  #applyRemote(decision: RemoteDecision): boolean {
    if (decision.epoch <= this.#remoteEpoch) return false
    this.#remoteEpoch = decision.epoch
    const event = { kind: 'remote', decision, nowMs: this.#options.clock.monotonicMs() } as const
    if (this.#below === undefined) this.#apply(event, 'remote', ALONE)
    else this.#below = transition(this.#below, event, this.#options)
    return true
  }

  async #execute<T>(call: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) throw TimeError.aborted(signal.reason)
    const nowMs = this.#options.clock.monotonicMs()
    switch (admit(this.#state, this.#options, nowMs)) {
      case 'pass':
        return this.#pass(call, this.#state.generation, signal)
      case 'probe':
        return this.#probe(call, nowMs, signal)
      case 'reject':
        throw this.#rejection(nowMs)
    }
  }

  /** Chains promises in place of awaiting them: the frame of an async function is most of what this path would cost. */
  #pass<T>(call: Call<T>, generation: number, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(TimeError.aborted(signal.reason))
    const startedMs = this.#startedMs()
    const end =
      signal === undefined && startedMs === UNTIMED
        ? this.#usualEnd(generation)
        : this.#endOf(signal, generation, startedMs)
    return beginCall(call, signal ?? ownSignal(call)).then(end.answered, end.failed)
  }

  /** Most calls of a generation end alike, so that they need no functions of their own. */
  #usualEnd(generation: number): CallEnd {
    if (this.#usual?.generation !== generation) this.#usual = this.#endOf(undefined, generation, UNTIMED)
    return this.#usual
  }

  #endOf(signal: AbortSignal | undefined, generation: number, startedMs: number): CallEnd {
    return {
      generation,
      answered: (result) => this.#answered(result, signal, generation, this.#durationMs(startedMs)),
      failed: (error) => {
        throw this.#failed(error, signal, generation, this.#durationMs(startedMs))
      },
    }
  }

  async #probe<T>(call: Call<T>, nowMs: number, signal: AbortSignal | undefined): Promise<T> {
    const { coordinator, clock, probeTimeoutMs: timeoutMs } = this.#options
    const generation = this.#state.generation + (this.#state.status === 'half-open' ? 0 : 1)
    if (coordinator?.mayProbe(this.name, generation) === false) throw this.#rejection(nowMs)
    this.#apply({ kind: 'probe-started', nowMs }, 'recovery-over')
    if (this.#state.generation !== generation) {
      // A listener changed the state while it was told of the probe.
      coordinator?.probeEnded(this.name, generation)
      throw this.#rejection(nowMs)
    }
    const timedOut = (): Error => probeTimeout(this.name, this.#options)
    const probe = new ProbeCall({ clock, timeoutMs, signal, timedOut })
    let result: T
    try {
      result = await probe.wait(beginCall(call, probe.signal))
    } catch (error) {
      throw this.#failed(error, signal, generation, clock.monotonicMs() - nowMs, probe)
    }
    return this.#answered(result, signal, generation, clock.monotonicMs() - nowMs, probe)
  }

  /** The result as the caller gets it: counted, or watched to its end. */
  #answered<R>(
    result: R,
    signal: AbortSignal | undefined,
    generation: number,
    durationMs: number,
    probe?: ProbeCall,
  ): R {
    const outcome = readResult(result, this.#options)
    if (typeof result === 'object' && outcome === 'success' && this.#options.watchesStreams) {
      const watched = watchStream(result, () => this.#observer(signal, generation, durationMs, probe))
      // Safe: a watched stream is the result itself, or a web stream of the same chunks.
      if (watched !== undefined) return watched as R
    }
    this.#ended(outcome, generation, durationMs, probe)
    return result
  }

  /** The error as the caller gets it, counted. */
  #failed(
    thrown: unknown,
    signal: AbortSignal | undefined,
    generation: number,
    durationMs: number,
    probe?: ProbeCall,
  ): unknown {
    const { outcome, error } = readError(thrown, signal, this.#options)
    this.#ended(outcome, generation, durationMs, probe)
    return error
  }

  #observer(
    signal: AbortSignal | undefined,
    generation: number,
    durationMs: number,
    probe: ProbeCall | undefined,
  ): StreamObserver {
    return {
      began: (giveUp) => probe?.whenGivenUp(giveUp),
      wait: (step) => probe?.wait(step) ?? step,
      progressed: () => probe?.extend(),
      succeeded: () => this.#ended('success', generation, durationMs, probe),
      stopped: () => this.#ended('ignored', generation, durationMs, probe),
      failed: (error) => this.#failed(error, signal, generation, durationMs, probe),
    }
  }

  #ended(outcome: CallOutcome, generation: number, durationMs: number, probe: ProbeCall | undefined): void {
    if (durationMs !== UNTIMED && this.#state.status !== 'disabled') {
      this.#reporter.callEnded(outcome, durationMs)
    }
    if (probe !== undefined) this.#probeEnded(outcome, generation, probe)
    else if (generation === this.#state.generation && outcome !== 'ignored') {
      this.#count(outcome === 'failure', generation, durationMs)
    }
  }

  #count(isFailure: boolean, generation: number, durationMs: number): void {
    const failures = this.#failures
    if (this.#state.status !== 'closed') {
      failures.note(isFailure)
      return
    }
    const endedMs = failures.isTimed ? this.#options.clock.monotonicMs() : UNTIMED
    const reason = failures.record(isFailure, durationMs, endedMs)
    if (reason === undefined) return
    const nowMs = this.#options.clock.monotonicMs()
    this.#apply({ kind: 'tripped', generation, reason, nowMs }, 'tripped')
  }

  #probeEnded(outcome: CallOutcome, generation: number, probe: ProbeCall): void {
    probe.end()
    if (generation === this.#state.generation && outcome !== 'ignored') {
      this.#failures.note(outcome === 'failure')
    }
    const nowMs = this.#options.clock.monotonicMs()
    const cause = outcome === 'failure' ? 'probe-failed' : 'probes-succeeded'
    this.#apply({ kind: 'probe-ended', generation, outcome, nowMs }, cause)
    this.#options.coordinator?.probeEnded(this.name, generation)
  }

  /** Stores the state after `event`, and tells of it if it is another one. */
  #apply(
    event: CircuitEvent,
    cause: CircuitCause,
    { isShared = true, actor }: { isShared?: boolean; actor?: Actor | undefined } = {},
  ): void {
    const from = this.#state
    const to = transition(from, event, this.#options)
    this.#state = to
    if (to.generation === from.generation) return
    const change = { from, to, cause, failureCount: this.#failures.consecutive, actor }
    if (to.status === 'closed') this.#failures.clear()
    if (isShared) this.#options.coordinator?.transitioned(this.name, change)
    this.#reporter.changed(change)
  }

  #hold({ status, reason, actor }: CircuitHold): void {
    this.#lift()
    this.#apply({ kind: 'forced', status, reason }, 'forced', { actor })
  }

  #lift(): void {
    this.#isolations = undefined
    this.#below = undefined
  }

  #release(isolation: Isolation): void {
    const below = this.#below
    if (this.#isolations?.delete(isolation) !== true || this.#isolations.size > 0 || below === undefined)
      return
    this.#lift()
    if (below === this.#state) return
    this.#apply({ kind: 'released', below, nowMs: this.#options.clock.monotonicMs() }, 'released', ALONE)
  }

  #rejection(nowMs: number): Error {
    const error = circuitRejection(this.name, this.#state, this.#options, nowMs)
    this.#reporter.rejected(this.#state.status, error.retryAfterMs)
    return error
  }

  #startedMs(): number {
    const isTimed = this.#failures.isTimed || this.#reporter.isTimed
    return isTimed ? this.#options.clock.monotonicMs() : UNTIMED
  }

  #durationMs(startedMs: number): number {
    return startedMs === UNTIMED ? UNTIMED : this.#options.clock.monotonicMs() - startedMs
  }
}
