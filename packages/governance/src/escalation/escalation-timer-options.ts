import type { AuditLog } from '@golden-arch/core/audit'
import { requireInteger } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import {
  type AlertSink,
  type Logger,
  type Metrics,
  silentLogger,
  silentMetrics,
} from '@golden-arch/core/observability'
import type { DatabaseClock, SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { databaseClock } from './database-clock.ts'
import {
  DEFAULT_ESCALATION_POLICY,
  type EscalationPolicy,
  requireEscalationPolicy,
} from './escalation-policy.ts'
import { requireKeepResolvedMs } from './forget-escalations.ts'

/** What an `EscalationTimer` is made of. */
export interface EscalationTimerOptions {
  /** A database with the migration module `governance`. Never closed here. */
  readonly database: SqlDatabase
  /** Who is told, of every tenant. */
  readonly alerts: AlertSink
  /** As of the `EscalationStore`. Default {@link DEFAULT_ESCALATION_POLICY}. */
  readonly policy?: EscalationPolicy
  /** Where the events `escalation.levelRaised`, `escalation.repeated` and `escalation.reopened` go. Default: nowhere. */
  readonly outbox?: EventOutbox
  /** Where the same is recorded. Default: nowhere. */
  readonly audit?: AuditLog
  /** Where failures are told; what failed is tried again. Default: none. */
  readonly logger?: Logger
  /** Milliseconds between looks, 100 to 600000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number
  /** Escalations moved on, and alerts handed over, in one tick at most, 1 to 1000. Default 100. */
  readonly maxBatchLength?: number
  /** Milliseconds until an alert that the sink threw at is handed over again, 1000 to 3600000. Default 30000 (30 seconds). */
  readonly alertRetryMs?: number
  /** Milliseconds for which a resolved escalation is kept, 1 day to 10 years. Default: for ever. */
  readonly keepResolvedMs?: number
  /** Where what the timer does is counted. Default: nowhere. */
  readonly metrics?: Metrics
  /** Times the pauses between looks. Default the system clock. */
  readonly clock?: Clock
  /** What the levels go by. Default the database's own clock. */
  readonly now?: DatabaseClock
}

/** What the timer may rely on. */
export type ResolvedEscalationTimerOptions = Readonly<
  Required<Omit<EscalationTimerOptions, 'outbox' | 'audit' | 'keepResolvedMs'>>
> & {
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
  readonly keepResolvedMs: number | undefined
}

/** What is used where nothing is given. */
const DEFAULT_ESCALATION_TIMER_OPTIONS = Object.freeze({
  policy: DEFAULT_ESCALATION_POLICY,
  logger: silentLogger,
  pollIntervalMs: 1000,
  maxBatchLength: 100,
  alertRetryMs: 30_000,
  metrics: silentMetrics,
  clock: systemClock,
  now: databaseClock,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveEscalationTimerOptions(
  options: EscalationTimerOptions,
): ResolvedEscalationTimerOptions {
  const { outbox, audit, keepResolvedMs, ...given } = options
  const resolved = { ...DEFAULT_ESCALATION_TIMER_OPTIONS, ...given, outbox, audit, keepResolvedMs }
  if (keepResolvedMs !== undefined) requireKeepResolvedMs(keepResolvedMs)
  requireEscalationPolicy(resolved.policy)
  requireInteger('pollIntervalMs', resolved.pollIntervalMs, { min: 100, max: 600_000 })
  requireInteger('maxBatchLength', resolved.maxBatchLength, { min: 1, max: 1000 })
  requireInteger('alertRetryMs', resolved.alertRetryMs, { min: 1000, max: 3_600_000 })
  return resolved
}
