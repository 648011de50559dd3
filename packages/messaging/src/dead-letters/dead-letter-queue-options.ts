import type { AuditLog } from '@golden-arch/core/audit'
import { type Complete, requireInteger, requireMethods, withDefaults } from '@golden-arch/core/errors'
import {
  type AlertSink,
  type Logger,
  type Metrics,
  silentAlertSink,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { MessageBroker } from '../ports/message-broker.ts'

/** What a `DeadLetterQueue` is made of. */
export interface DeadLetterQueueOptions {
  /** Where redriven messages are published. Never closed here. */
  readonly broker: MessageBroker
  /** Where the tables of the migration module `messaging` are. Never closed here. */
  readonly database: SqlDatabase
  /** Each act is written there in its own transaction. Default: none. */
  readonly audit?: AuditLog | undefined
  /**
   * Milliseconds that dead letters being redriven are kept from other redrivers, above `publishTimeoutMs`, to 3600000:
   * after a crash they wait this long. Default 60000 (1 minute).
   */
  readonly leaseMs?: number | undefined
  /** Milliseconds that one publication may take, 1 to 600000. Default 10000 (10 seconds). */
  readonly publishTimeoutMs?: number | undefined
  /** Told once, of all processes, when `run` finds that `alertAtUnresolved` is reached. Default: none. */
  readonly alerts?: AlertSink | undefined
  /** Unresolved dead letters of all tenants that are too many, 1 to 1000000; the same in each process. Default 10. */
  readonly alertAtUnresolved?: number | undefined
  /** Milliseconds between two looks of `run`, 100 to 600000. Default 10000 (10 seconds). */
  readonly pollIntervalMs?: number | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each redrive of a message is a span, linked to where the message was first published. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Times the rate of a redrive; leases go by the database's clock. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** What the queue may rely on. */
export type ResolvedDeadLetterQueueOptions = Complete<DeadLetterQueueOptions, never, 'audit'>

/** What is used where nothing is given. */
const DEFAULT_DEAD_LETTER_QUEUE_OPTIONS = Object.freeze({
  broker: undefined,
  database: undefined,
  audit: null,
  leaseMs: 60_000,
  publishTimeoutMs: 10_000,
  alerts: silentAlertSink,
  alertAtUnresolved: 10,
  pollIntervalMs: 10_000,
  logger: silentLogger,
  metrics: silentMetrics,
  tracer: silentTracer,
  clock: systemClock,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveDeadLetterQueueOptions(
  options: DeadLetterQueueOptions,
): ResolvedDeadLetterQueueOptions {
  const resolved = withDefaults(options, DEFAULT_DEAD_LETTER_QUEUE_OPTIONS)
  const { broker, database, audit, leaseMs, publishTimeoutMs, alertAtUnresolved, pollIntervalMs } = resolved
  requireMethods('broker', broker, ['publish'])
  requireMethods('database', database, ['query', 'transaction'])
  if (audit !== null) requireMethods('audit', audit, ['append'])
  requireInteger('publishTimeoutMs', publishTimeoutMs, { min: 1, max: 600_000 })
  requireInteger('leaseMs', leaseMs, { min: publishTimeoutMs + 1, max: 3_600_000 })
  requireInteger('alertAtUnresolved', alertAtUnresolved, { min: 1, max: 1_000_000 })
  requireInteger('pollIntervalMs', pollIntervalMs, { min: 100, max: 600_000 })
  return resolved
}
