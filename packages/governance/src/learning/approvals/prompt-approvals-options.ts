import type { AuditLog } from '@golden-arch/core/audit'
import { requireInteger } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import {
  type AlertSink,
  type Logger,
  type Metrics,
  silentAlertSink,
  silentLogger,
} from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { PromptGate } from '../ports/prompt-gate.ts'
import type { SettlementServices } from './settle-update.ts'

/** What {@link PromptApprovals} are made of. */
export interface PromptApprovalsOptions {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** What must have nothing against a text before it comes into force. Pass those of the governor. Default none. */
  readonly gates?: readonly PromptGate[]
  /** Where events go. Default: nowhere. */
  readonly outbox?: EventOutbox
  /** Where acts and refusals are recorded. Default: nowhere. */
  readonly audit?: AuditLog
  /** Who is paged when somebody breaks the glass. Default: nobody. */
  readonly alerts?: AlertSink
  /** Where acts are counted by what came of them. Default: nowhere. */
  readonly metrics?: Metrics
  /** Where failures of the loop go. Default: nowhere. */
  readonly logger?: Logger
  /** How long an act waits for others that decide on the same role, 1 to 600000 ms. Default 10000 (10 seconds). */
  readonly lockTimeoutMs?: number
  /** Pause between two rounds of the loop, 10 to 3600000 ms. Default 10000 (10 seconds). */
  readonly pollIntervalMs?: number
  /** What the loop's pauses go by; what is stored goes by the database's clock. Default the system clock. */
  readonly clock?: Clock
}

/** Checked {@link PromptApprovalsOptions}. */
export interface ResolvedPromptApprovalsOptions extends SettlementServices {
  readonly database: SqlDatabase
  readonly alerts: AlertSink
  readonly logger: Logger
  readonly lockTimeoutMs: number
  readonly pollIntervalMs: number
  readonly clock: Clock
  /** Stops the one call that these options are for. */
  readonly signal?: AbortSignal
}

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolvePromptApprovalsOptions(
  options: PromptApprovalsOptions,
): ResolvedPromptApprovalsOptions {
  const { lockTimeoutMs = 10_000, pollIntervalMs = 10_000, outbox, audit } = options
  return {
    database: options.database,
    gates: options.gates ?? [],
    alerts: options.alerts ?? silentAlertSink,
    logger: options.logger ?? silentLogger,
    lockTimeoutMs: requireInteger('lockTimeoutMs', lockTimeoutMs, { min: 1, max: 600_000 }),
    pollIntervalMs: requireInteger('pollIntervalMs', pollIntervalMs, { min: 10, max: 3_600_000 }),
    clock: options.clock ?? systemClock,
    ...(outbox === undefined ? {} : { outbox }),
    ...(audit === undefined ? {} : { audit }),
  }
}
