import type { CircuitChange, CircuitStatus } from './circuit-state.ts'

/**
 * What a breaker asks of whoever coordinates it with other processes. Every answer comes at once from memory: nothing
 * here waits, and nothing throws.
 */
export interface CircuitCoordinator {
  /** The breaker `name` made a transition of its own. Not called for what {@link RemoteDecision} brought about. */
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
