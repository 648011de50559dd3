import { InvalidOptionError, requireInteger, requireText } from '../../errors/index.ts'
import type { Logger, Metrics } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import type { CircuitPersistence } from '../ports/circuit-persistence.ts'
import type { CircuitStore } from '../ports/circuit-store.ts'
import { quietLogger, quietMetrics } from '../quiet-sinks.ts'

/** How processes share their circuits. */
export interface SharingOptions {
  /** How many processes must have tripped before a circuit opens for all, 1 to 1000; 2 suits more than three. Default 1. */
  readonly quorum?: number
  /** Milliseconds for which a trip counts towards the quorum, 1 to 3600000. Default 60000 (one minute). */
  readonly quorumWindowMs?: number
  /** Milliseconds after which the lease of a process that died while probing ends, 100 to 600000. Default 5000. */
  readonly probeLeaseMs?: number
  /**
   * While a circuit is not closed, or the store is away, processes compare what they hold after this many milliseconds
   * and up to twice as many, 10 to 3600000. Default 5000.
   */
  readonly syncIntervalMs?: number
  /** Milliseconds from a change until it is written down, 1 to 60000. Default 250. */
  readonly writeDelayMs?: number
  /** Milliseconds within which the persistence must answer, 1 to 60000. Default 5000. */
  readonly persistenceTimeoutMs?: number
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
  /** Where circuits are remembered across restarts. Default: nowhere. */
  readonly persistence?: CircuitPersistence | undefined
  /** The name of this process among the others, 1 to 64 characters. Default a random UUID. */
  readonly processName?: string | undefined
  /** The clock that the breakers go by. Default the system clock. */
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
  readonly metrics?: Metrics | undefined
  /** A number from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What a `CircuitSharing` may rely on. */
export interface ResolvedCircuitSharingOptions extends Required<SharingOptions> {
  readonly store: CircuitStore | undefined
  readonly persistence: CircuitPersistence | undefined
  readonly processName: string
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>
  readonly random: () => number
}

/** @throws InvalidOptionError `INVALID_OPTION` on a setting out of its range. */
export function resolveCircuitSharingOptions(options: CircuitSharingOptions): ResolvedCircuitSharingOptions {
  const {
    store,
    persistence,
    clock = systemClock,
    logger,
    metrics,
    random = Math.random,
    processName = crypto.randomUUID(),
  } = options
  if (store !== undefined && typeof store.subscribe !== 'function') {
    throw new InvalidOptionError('shared', 'a store of circuits', store)
  }
  return {
    ...resolveSettings(options),
    ...{ store, persistence, clock, random },
    logger: quietLogger(logger),
    metrics: quietMetrics(metrics),
    processName: requireText('processName', processName, 64),
  }
}

function resolveSettings(settings: SharingOptions): Required<SharingOptions> {
  const { quorum, quorumWindowMs, probeLeaseMs, syncIntervalMs, writeDelayMs, persistenceTimeoutMs } = {
    ...DEFAULT_SHARING_OPTIONS,
    ...settings,
  }
  return {
    quorum: requireInteger('quorum', quorum, { min: 1, max: 1000 }),
    quorumWindowMs: requireInteger('quorumWindowMs', quorumWindowMs, { min: 1, max: 3_600_000 }),
    probeLeaseMs: requireInteger('probeLeaseMs', probeLeaseMs, { min: 100, max: 600_000 }),
    syncIntervalMs: requireInteger('syncIntervalMs', syncIntervalMs, { min: 10, max: 3_600_000 }),
    writeDelayMs: requireInteger('writeDelayMs', writeDelayMs, { min: 1, max: 60_000 }),
    persistenceTimeoutMs: requireInteger('persistenceTimeoutMs', persistenceTimeoutMs, {
      min: 1,
      max: 60_000,
    }),
  }
}
