import { InvalidOptionError, requireInteger, requireMethods, withDefaults } from '@golden-arch/core/errors'
import { type AlertSink, type Logger, silentLogger } from '@golden-arch/core/observability'
import { requireRetention } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { type EscalationStore, partsOf } from './escalation-store.ts'
import type { EscalationParts } from './escalation-store-options.ts'

/** What an `EscalationTimer` is made of. */
export interface EscalationTimerOptions {
  /**
   * The escalations. Their database, policy, outbox, audit log, metrics and clock are the timer's: it writes the events
   * `escalation.levelRaised`, `escalation.repeated` and `escalation.reopened`.
   */
  readonly escalations: EscalationStore
  /** Who is told, of every tenant. */
  readonly alerts: AlertSink
  /** Where failures are told; what failed is tried again. Default: none. */
  readonly logger?: Logger | undefined
  /** Milliseconds between looks, 100 to 600000. Default 1000 (1 second). */
  readonly pollIntervalMs?: number | undefined
  /** Escalations moved on, and alerts handed over, in one round at most, 1 to 1000. Default 100. */
  readonly maxBatchLength?: number | undefined
  /** Milliseconds for which a resolved escalation is kept, 1 day to 10 years. Default: for ever. */
  readonly retentionMs?: number | undefined
  /** Times the pauses between looks. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** What the timer may rely on. */
export interface ResolvedEscalationTimerOptions extends EscalationParts {
  readonly alerts: AlertSink
  readonly logger: Logger
  readonly pollIntervalMs: number
  readonly maxBatchLength: number
  readonly retentionMs: number | undefined
  readonly clock: Clock
}

const DEFAULTS = {
  escalations: undefined,
  alerts: undefined,
  logger: silentLogger,
  pollIntervalMs: 1000,
  maxBatchLength: 100,
  retentionMs: undefined,
  clock: systemClock,
}

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveEscalationTimerOptions(
  options: EscalationTimerOptions,
): ResolvedEscalationTimerOptions {
  const { escalations, ...given } = withDefaults(options, DEFAULTS)
  const parts = partsOf(escalations)
  if (parts === undefined) throw new InvalidOptionError('escalations', 'an EscalationStore', escalations)
  requireMethods('alerts', given.alerts, ['raise'])
  requireInteger('pollIntervalMs', given.pollIntervalMs, { min: 100, max: 600_000 })
  requireInteger('maxBatchLength', given.maxBatchLength, { min: 1, max: 1000 })
  if (given.retentionMs !== undefined) requireRetention(given.retentionMs)
  return { ...parts, ...given }
}
