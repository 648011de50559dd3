import {
  type Complete,
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireMethods,
  withDefaults,
} from '@golden-arch/core/errors'
import {
  type Logger,
  type Metrics,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import { requireRetention, type SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { MessageBroker } from '../ports/message-broker.ts'

/** What an `OutboxRelay` is made of. */
export interface OutboxRelayOptions {
  /** Where the table `outbox` of the migration module `events` is. Never closed here. */
  readonly database: SqlDatabase
  readonly broker: MessageBroker
  /** Times pauses and deadlines; leases go by the database's clock. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each publication is a span in the trace that the event was appended in, and linked to it. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Events claimed at once, 1 to 1000. Default 100. */
  readonly maxBatchLength?: number | undefined
  /** Subjects published at the same time, 1 to 1000. Default 16. */
  readonly maxConcurrent?: number | undefined
  /** Milliseconds between looks where nothing wakes the relay, 10 to 600000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number | undefined
  /** Milliseconds that one publication may take, 1 to 600000. Default 10000 (10 seconds). */
  readonly publishTimeoutMs?: number | undefined
  /**
   * Milliseconds that claimed events are kept from other relays, above `publishTimeoutMs`, to 3600000: after a crash
   * they wait this long. Default 30000 (30 seconds).
   */
  readonly leaseMs?: number | undefined
  /** Milliseconds of pause after a first failure, 1 to 600000; it doubles with each. Default 500. */
  readonly initialDelayMs?: number | undefined
  /** Milliseconds of pause at most, 1 to 3600000. Default 60000 (1 minute). */
  readonly maxDelayMs?: number | undefined
  /**
   * Milliseconds for which `run` keeps events that are published, 1 day to 10 years; an event's id is known for as long.
   * Default 604800000 (7 days).
   */
  readonly retentionMs?: number | undefined
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What the relay may rely on. */
export type ResolvedOutboxRelayOptions = Complete<OutboxRelayOptions>

/** What is used where nothing is given. */
const DEFAULT_OUTBOX_RELAY_OPTIONS = Object.freeze({
  database: undefined,
  broker: undefined,
  clock: systemClock,
  logger: silentLogger,
  metrics: silentMetrics,
  tracer: silentTracer,
  maxBatchLength: 100,
  maxConcurrent: 16,
  pollIntervalMs: 1000,
  publishTimeoutMs: 10_000,
  leaseMs: 30_000,
  initialDelayMs: 500,
  maxDelayMs: 60_000,
  retentionMs: 604_800_000,
  random: Math.random,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveOutboxRelayOptions(options: OutboxRelayOptions): ResolvedOutboxRelayOptions {
  const resolved = withDefaults(options, DEFAULT_OUTBOX_RELAY_OPTIONS)
  requireMethods('database', resolved.database, ['query'])
  requireMethods('broker', resolved.broker, ['publish'])
  requireFunction('random', resolved.random)
  requireInteger('maxBatchLength', resolved.maxBatchLength, { min: 1, max: 1000 })
  requireInteger('maxConcurrent', resolved.maxConcurrent, { min: 1, max: 1000 })
  requireInteger('pollIntervalMs', resolved.pollIntervalMs, { min: 10, max: 600_000 })
  requireInteger('publishTimeoutMs', resolved.publishTimeoutMs, { min: 1, max: 600_000 })
  requireInteger('leaseMs', resolved.leaseMs, { min: 2, max: 3_600_000 })
  requireInteger('initialDelayMs', resolved.initialDelayMs, { min: 1, max: 600_000 })
  requireInteger('maxDelayMs', resolved.maxDelayMs, { min: 1, max: 3_600_000 })
  requireRetention(resolved.retentionMs)
  if (resolved.leaseMs <= resolved.publishTimeoutMs) {
    throw new InvalidOptionError(
      'leaseMs',
      `above publishTimeoutMs (${resolved.publishTimeoutMs})`,
      resolved.leaseMs,
    )
  }
  return resolved
}
