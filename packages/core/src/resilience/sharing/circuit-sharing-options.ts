import {
  type Complete,
  requireInteger,
  requireMethods,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import { type Logger, type Metrics, quietLogger, quietMetrics } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { CircuitPersistence } from '../ports/circuit-persistence.ts'
import type { CircuitStore } from '../ports/circuit-store.ts'

/** How processes share their circuits. */
export interface SharingOptions {
  /** How many processes must have tripped before a circuit opens for all, 1 to 1000; 2 suits more than three. Default 1. */
  readonly quorum?: number | undefined
  /** Milliseconds for which a trip counts towards the quorum, 1 to 3600000. Default 60000 (one minute). */
  readonly quorumWindowMs?: number | undefined
  /** Milliseconds after which the lease of a process that died while probing ends, 100 to 600000. Default 5000. */
  readonly probeLeaseMs?: number | undefined
  /**
   * While a circuit is not closed, or the store is away, processes compare what they hold after this many milliseconds
   * and up to twice as many, 10 to 3600000. Default 5000.
   */
  readonly syncIntervalMs?: number | undefined
  /** Milliseconds from a change until it is written down, 1 to 60000. Default 250. */
  readonly writeDelayMs?: number | undefined
  /** Milliseconds within which the persistence must answer, 1 to 60000. Default 5000. */
  readonly persistenceTimeoutMs?: number | undefined
}

/** The defaults of {@link SharingOptions}. */
const DEFAULT_SHARING_OPTIONS = Object.freeze({
  quorum: 1,
  quorumWindowMs: 60_000,
  probeLeaseMs: 5000,
  syncIntervalMs: 5000,
  writeDelayMs: 250,
  persistenceTimeoutMs: 5000,
})

/** What a `CircuitSharing` is made of. */
export interface CircuitSharingOptions extends SharingOptions {
  /** Where the processes agree. Default: this process shares with none. */
  readonly store?: CircuitStore | undefined
  /** Where circuits are remembered across restarts. Default: none. */
  readonly persistence?: CircuitPersistence | undefined
  /** The name of this process among the others, 1 to 64 characters. Default a random UUID. */
  readonly processName?: string | undefined
  /** The clock that the breakers go by. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** A number from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What a `CircuitSharing` may rely on. */
export interface ResolvedCircuitSharingOptions extends Complete<SharingOptions> {
  readonly store: CircuitStore | undefined
  readonly persistence: CircuitPersistence | undefined
  readonly processName: string
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>
  readonly random: () => number
}

const DEFAULTS = Object.freeze({
  ...DEFAULT_SHARING_OPTIONS,
  store: undefined,
  persistence: undefined,
  processName: undefined,
  clock: systemClock,
  logger: undefined,
  metrics: undefined,
  random: Math.random,
})

/** @throws InvalidOptionError `INVALID_OPTION` on a setting out of its range, or on what is no store. */
export function resolveCircuitSharingOptions(options: CircuitSharingOptions): ResolvedCircuitSharingOptions {
  const given = withDefaults<CircuitSharingOptions, typeof DEFAULTS>(options, DEFAULTS)
  if (given.store !== undefined) requireMethods('shared', given.store, STORE_METHODS)
  if (given.persistence !== undefined) requireMethods('persistence', given.persistence, ['load', 'save'])
  requireInteger('quorum', given.quorum, { min: 1, max: 1000 })
  requireInteger('quorumWindowMs', given.quorumWindowMs, { min: 1, max: 3_600_000 })
  requireInteger('probeLeaseMs', given.probeLeaseMs, { min: 100, max: 600_000 })
  requireInteger('syncIntervalMs', given.syncIntervalMs, { min: 10, max: 3_600_000 })
  requireInteger('writeDelayMs', given.writeDelayMs, { min: 1, max: 60_000 })
  requireInteger('persistenceTimeoutMs', given.persistenceTimeoutMs, { min: 1, max: 60_000 })
  return {
    ...given,
    logger: quietLogger(given.logger),
    metrics: quietMetrics(given.metrics),
    processName: requireText('processName', given.processName ?? crypto.randomUUID(), 64),
  }
}

/** @throws InvalidOptionError `INVALID_OPTION` on a name that is none of the settings. */
export function requireSharingNames(settings: SharingOptions): SharingOptions {
  withDefaults<SharingOptions, typeof DEFAULT_SHARING_OPTIONS>(settings, DEFAULT_SHARING_OPTIONS)
  return settings
}

const STORE_METHODS = ['propose', 'read', 'acquireProbe', 'releaseProbe', 'subscribe'] as const
