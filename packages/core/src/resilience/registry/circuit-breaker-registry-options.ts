import { requireInteger } from '../../errors/index.ts'
import { EventListeners } from '../../observability/index.ts'
import type { CircuitEventMap } from '../circuit-breaker-events.ts'
import {
  type CircuitBreakerOptions,
  type CircuitBreakerRules,
  type ResolvedCircuitBreakerOptions,
  resolveCircuitBreakerOptions,
} from '../circuit-breaker-options.ts'
import type { CircuitPersistence } from '../ports/circuit-persistence.ts'
import type { CircuitStore } from '../ports/circuit-store.ts'
import { quietLogger } from '../quiet-sinks.ts'
import { CircuitSharing } from '../sharing/circuit-sharing.ts'
import type { SharingOptions } from '../sharing/circuit-sharing-options.ts'

/** What a {@link CircuitBreakerRegistry} is made of: the rules of its breakers unless told otherwise, and what they share. */
export interface CircuitBreakerRegistryOptions extends CircuitBreakerOptions {
  /** Circuits kept at once, 1 to 1000000; beyond them the closed one longest unused is forgotten. Default 10000. */
  readonly maxCircuits?: number
  /** Where processes agree on circuits. Default: this process shares with none. */
  readonly shared?: CircuitStore
  /** Where circuits are remembered across restarts. Default: nowhere. */
  readonly persistence?: CircuitPersistence
  /** How processes share. */
  readonly sharing?: SharingOptions
  /** The name of this process among the others, 1 to 64 characters. Default a random UUID. */
  readonly processName?: string
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

/** The values used where none are given. */
const DEFAULT_CIRCUIT_BREAKER_REGISTRY_OPTIONS = Object.freeze({
  maxCircuits: 10_000,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveCircuitBreakerRegistryOptions(
  options: CircuitBreakerRegistryOptions,
): ResolvedCircuitBreakerRegistryOptions {
  const { shared, persistence, processName, clock, logger, metrics } = options
  const maxCircuits = options.maxCircuits ?? DEFAULT_CIRCUIT_BREAKER_REGISTRY_OPTIONS.maxCircuits
  const listeners = new EventListeners<CircuitEventMap>(quietLogger(logger))
  const sharing =
    shared === undefined && persistence === undefined
      ? undefined
      : new CircuitSharing({
          ...options.sharing,
          store: shared,
          persistence,
          processName,
          clock,
          logger,
          metrics,
        })
  return {
    maxCircuits: requireInteger('maxCircuits', maxCircuits, { min: 1, max: 1_000_000 }),
    rules: options,
    breakers: Object.freeze({ ...resolveCircuitBreakerOptions(options), coordinator: sharing, listeners }),
    listeners,
    sharing,
  }
}
