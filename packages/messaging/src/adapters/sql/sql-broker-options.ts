import {
  type Complete,
  requireInteger,
  requireMethods,
  requireText,
  withDefaults,
} from '@golden-arch/core/errors'
import { type AlertSink, type Logger, silentAlertSink, silentLogger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'

/** What a `SqlBroker` is made of. */
export interface SqlBrokerOptions {
  /** Where the tables of the migration module `messaging` are. Never closed here. */
  readonly database: SqlDatabase
  /** Times pauses and deadlines; leases go by the database's clock. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Told of dead letters that are new, once for each kind in a group. Default: none. */
  readonly alerts?: AlertSink | undefined
  /**
   * Tenant that dead letters are for whose message names none that can be read, 1 to 128 characters. Default nobody's: only
   * who asks for all tenants sees them.
   */
  readonly unknownTenantId?: string | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Milliseconds between looks where nothing wakes a consumer, 10 to 600000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number | undefined
  /** Milliseconds that a publication may take, 1 to 600000. Default 10000 (10 seconds). */
  readonly publishTimeoutMs?: number | undefined
  /** Publications that may wait at once, 1 to 1000000; one more is refused. Default 10000. */
  readonly maxQueueLength?: number | undefined
  /**
   * Messages stored or settled in one statement at most, 1 to 1000. Default 200; 1000 where the database runs one
   * transaction at a time, since nothing is gained there by having the next statement ready.
   */
  readonly maxBatchLength?: number | undefined
  /**
   * Bytes of messages stored or given up in one statement at most, 1024 to 268435456; a message that has more by itself
   * goes alone. Default 16777216 (16 MiB).
   */
  readonly maxBatchBytes?: number | undefined
}

/** What the broker may rely on. */
export type ResolvedSqlBrokerOptions = Complete<SqlBrokerOptions, never, 'unknownTenantId'>

/** What is used where nothing is given. */
const DEFAULT_SQL_BROKER_OPTIONS = Object.freeze({
  database: undefined,
  clock: systemClock,
  alerts: silentAlertSink,
  unknownTenantId: null,
  logger: silentLogger,
  pollIntervalMs: 1000,
  publishTimeoutMs: 10_000,
  maxQueueLength: 10_000,
  maxBatchBytes: 16_777_216,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveSqlBrokerOptions(options: SqlBrokerOptions): ResolvedSqlBrokerOptions {
  const resolved = withDefaults(options, {
    ...DEFAULT_SQL_BROKER_OPTIONS,
    maxBatchLength: isSingle(options) ? 1000 : 200,
  })
  requireMethods('database', resolved.database, ['query', 'transaction'])
  if (resolved.unknownTenantId !== null) requireText('unknownTenantId', resolved.unknownTenantId, 128)
  requireInteger('pollIntervalMs', resolved.pollIntervalMs, { min: 10, max: 600_000 })
  requireInteger('publishTimeoutMs', resolved.publishTimeoutMs, { min: 1, max: 600_000 })
  requireInteger('maxQueueLength', resolved.maxQueueLength, { min: 1, max: 1_000_000 })
  requireInteger('maxBatchLength', resolved.maxBatchLength, { min: 1, max: 1000 })
  requireInteger('maxBatchBytes', resolved.maxBatchBytes, { min: 1024, max: 268_435_456 })
  return resolved
}

function isSingle(options: SqlBrokerOptions): boolean {
  // What is no database, or no options at all, is refused once the names are known.
  return options?.database?.capabilities?.maxConcurrentTransactions === 1
}
