import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  SamplingBreaker,
} from 'cockatiel'
import OpossumBreaker from 'opossum'
import { CircuitBreaker } from '../../circuit-breaker.ts'
import { order } from '../../testing/order.ts'
import { failureRate } from '../../trip-rules/failure-rate.ts'

/** What a circuit is asked to do, in words that several libraries have. */
export interface Wish {
  /** Failures that open it: in a row, or at the least where only a share can be told. Default 2. */
  readonly failures?: number
  /** Whether a share of half the calls of the last second opens it, in place of failures in a row. */
  readonly byRate?: boolean
  /** Probes that may run at once. Default 1. */
  readonly probes?: number
  /** Errors that do not count. Default: none. */
  readonly ignores?: (error: Error) => boolean
}

/** A circuit of a library. */
export interface PeerCircuit {
  call(work: (signal?: AbortSignal) => unknown, signal?: AbortSignal): Promise<unknown>
  status(): 'closed' | 'open' | 'half-open'
  /** Holds it open by hand. */
  forceOpen(): void
  onSuccess(listener: () => void): void
  /** Milliseconds after which a rejected caller should come back, as its error says. */
  retryAfterMs(error: unknown): number | undefined
}

/** A library of circuit breakers. */
export interface Peer {
  readonly name: 'ours' | 'opossum' | 'cockatiel'
  /** A circuit that recovers after 100 milliseconds; undefined where the library cannot say what is wished. */
  open(wish: Wish): PeerCircuit | undefined
}

export const RECOVERY_MS = 100

const ours: Peer = {
  name: 'ours',
  open: ({ failures = 2, byRate = false, probes = 1, ignores }) => {
    const rule = failureRate({ rate: 0.5, window: { durationMs: 1000 }, minimumCalls: failures })
    const breaker = new CircuitBreaker('peer', {
      ...(byRate ? { tripRules: [rule] } : { failureThreshold: failures }),
      recoveryTimeoutMs: RECOVERY_MS,
      maxProbes: probes,
      ...(ignores === undefined
        ? {}
        : { outcomeOfError: (error) => (ignores(error as Error) ? 'ignored' : 'failure') }),
    })
    return {
      call: (work, signal) => breaker.execute((given) => work(given), signal === undefined ? {} : { signal }),
      status: () => {
        const { status } = breaker.state
        return status === 'open' || status === 'half-open'
          ? status
          : status === 'forced-open'
            ? 'open'
            : 'closed'
      },
      forceOpen: () => breaker.forceOpen(order()),
      onSuccess: (listener) =>
        void breaker.on('circuit.callEnded', ({ outcome }) => outcome === 'success' && listener()),
      retryAfterMs: (error) => (error as { retryAfterMs?: number }).retryAfterMs,
    }
  },
}

const opossum: Peer = {
  name: 'opossum',
  open: ({ failures = 2, probes = 1, ignores }) => {
    if (probes > 1) return undefined
    const breaker = new OpossumBreaker((work: () => unknown) => work() as Promise<unknown>, {
      timeout: false,
      errorThresholdPercentage: 49,
      volumeThreshold: failures,
      rollingCountTimeout: 1000,
      resetTimeout: RECOVERY_MS,
      ...(ignores === undefined ? {} : { errorFilter: ignores }),
    })
    return {
      call: (work) => breaker.fire(() => work()),
      status: () => (breaker.opened ? 'open' : breaker.halfOpen ? 'half-open' : 'closed'),
      forceOpen: () => breaker.open(),
      onSuccess: (listener) => void breaker.on('success', listener),
      retryAfterMs: (error) => (error as { retryAfterMs?: number }).retryAfterMs,
    }
  },
}

const cockatiel: Peer = {
  name: 'cockatiel',
  open: ({ failures = 2, byRate = false, probes = 1, ignores = () => false }) => {
    const breaker: CircuitBreakerPolicy = circuitBreaker(
      handleWhen((error) => !(error instanceof Error && ignores(error))),
      {
        halfOpenAfter: RECOVERY_MS,
        breaker: byRate
          ? new SamplingBreaker({ threshold: 0.49, duration: 1000, minimumRps: failures })
          : new ConsecutiveBreaker(failures),
        ...(probes === 1 ? {} : { halfOpenSampling: { calls: probes, threshold: 0.5 } }),
      },
    )
    return {
      call: (work, signal) => breaker.execute((context) => work(context.signal), signal),
      // Of its states, 0 is closed, 1 open and 2 half-open; 3 is isolated.
      status: () => (['closed', 'open', 'half-open', 'open'] as const)[breaker.state],
      forceOpen: () => void breaker.isolate(),
      onSuccess: (listener) => void breaker.onSuccess(listener),
      retryAfterMs: (error) => (error as { retryAfterMs?: number }).retryAfterMs,
    }
  },
}

/** The three that the documentation compares. */
export const PEERS: readonly Peer[] = [ours, opossum, cockatiel]
