import { requireInteger, requireObject } from '../../errors/index.ts'
import { EventListeners, quietLogger } from '../../observability/index.ts'
import type { CircuitEventMap } from '../circuit-breaker-events.ts'
import {
  type CircuitBreakerOptions,
  type CircuitBreakerRules,
  type ResolvedCircuitBreakerOptions,
  resolveCircuitBreakerOptions,
  resolvedWith,
} from '../circuit-breaker-options.ts'
import type { CircuitPersistence } from '../ports/circuit-persistence.ts'
import type { CircuitStore } from '../ports/circuit-store.ts'
import { CircuitSharing } from '../sharing/circuit-sharing.ts'
import { requireSharingNames, type SharingOptions } from '../sharing/circuit-sharing-options.ts'

/** What a {@link CircuitBreakerRegistry} is made of: the rules of its breakers unless told otherwise, and what they share. */
export interface CircuitBreakerRegistryOptions extends CircuitBreakerOptions {
  /** Circuits kept at once, 1 to 1000000; beyond them the closed one longest unused is forgotten. Default 10000. */
  readonly maxCircuits?: number | undefined
  /** Where processes agree on circuits. Default: none, this process shares with no other. */
  readonly shared?: CircuitStore | undefined
  /** Where circuits are remembered across restarts. Default: none. */
  readonly persistence?: CircuitPersistence | undefined
  /** How processes share. */
  readonly sharing?: SharingOptions | undefined
  /** The name of this process among the others, 1 to 64 characters. Default a random UUID. */
  readonly processName?: string | undefined
}

/** What the registry may rely on. */
export interface ResolvedCircuitBreakerRegistryOptions {
  readonly maxCircuits: number
  /** The rules as they were given, to stand below those of one breaker. */
  readonly rules: CircuitBreakerRules
  readonly breakers: ResolvedCircuitBreakerOptions
  readonly listeners: EventListeners<CircuitEventMap>
  readonly sharing: CircuitSharing | undefined
}

const DEFAULT_MAX_CIRCUITS = 10_000

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveCircuitBreakerRegistryOptions(
  options: CircuitBreakerRegistryOptions,
): ResolvedCircuitBreakerRegistryOptions {
  const {
    maxCircuits,
    shared,
    persistence,
    sharing: times,
    processName,
    ...ofBreakers
  } = requireObject('options', options)
  const { clock, logger, metrics, tracer: _, ...rules } = ofBreakers
  const breakers = resolveCircuitBreakerOptions(ofBreakers)
  const listeners = new EventListeners<CircuitEventMap>(quietLogger(logger))
  const settings = times === undefined ? {} : requireSharingNames(times)
  const sharing =
    shared === undefined && persistence === undefined
      ? undefined
      : new CircuitSharing({ ...settings, store: shared, persistence, processName, clock, logger, metrics })
  return {
    maxCircuits: requireInteger('maxCircuits', maxCircuits ?? DEFAULT_MAX_CIRCUITS, {
      min: 1,
      max: 1_000_000,
    }),
    rules,
    breakers: resolvedWith({ ...breakers, coordinator: sharing, listeners }),
    listeners,
    sharing,
  }
}
