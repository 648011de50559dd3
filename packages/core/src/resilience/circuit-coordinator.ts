import type { CircuitChange, CircuitState, CircuitStatus } from './circuit-state.ts'

/** What other processes decided about a circuit, or what was stored about it before a restart. */
export interface RemoteDecision {
  /** Order of the decision among all processes; one that is not newer than the last applied is left out. */
  readonly epoch: number
  /** The state decided on. Half-open is never shared: who does not probe stays open. */
  readonly status: Exclude<CircuitStatus, 'half-open'>
  /** Milliseconds until a probe may be let through, counted from now; without meaning unless `status` is `open`. */
  readonly remainingMs: number
  /** What led to it. */
  readonly reason: string
}

/** A circuit as its coordinator sees it. */
export interface CoordinatedCircuit {
  readonly name: string
  readonly state: CircuitState
  /** Takes over what other processes decided, without telling the coordinator of it; false if it is not newer than the last. */
  applyRemote(decision: RemoteDecision): boolean
}

/**
 * What a breaker asks of whoever coordinates it with other processes. Every answer comes at once from memory: nothing
 * here waits, and nothing throws.
 */
export interface CircuitCoordinator {
  /**
   * A circuit came into being in this process: a breaker of the registry, made anew or again after its eviction. What
   * is known about its name by now is applied to it before this returns.
   */
  joined(circuit: CoordinatedCircuit): void
  /** The circuit `name` was evicted; nothing is applied to it any more. */
  left(name: string): void
  /** The breaker `name` made a transition of its own, or was reset while closed. Not called for what {@link RemoteDecision} brought about. */
  transitioned(name: string, change: CircuitChange): void
  /**
   * The recovery time is over: may this process let one probe through now? False rejects the call; the coordinator then
   * asks for a lease in the background. Each true is used by exactly one probe and answered by one
   * {@link CircuitCoordinator.probeEnded} with the same generation, which is that of the half-open state the probe
   * belongs to.
   */
  mayProbe(name: string, generation: number): boolean
  /** A probe that {@link CircuitCoordinator.mayProbe} allowed has ended, in whatever way. */
  probeEnded(name: string, generation: number): void
}
