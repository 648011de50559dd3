import type { AuditLog } from '@golden-arch/core/audit'
import { InvalidOptionError, requireInteger, requireMethods, withDefaults } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import {
  type AlertSink,
  type Logger,
  type Metrics,
  silentAlertSink,
  silentLogger,
  silentMetrics,
} from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { PromptGate } from './ports/prompt-gate.ts'

/** What a {@link LearningGovernance} is made of. */
export interface LearningGovernanceOptions {
  /** A database with the migration module `governance`. Never closed here. */
  readonly database: SqlDatabase
  /** What every text must pass before it comes into force, checked in this order in the deciding transaction. Default none. */
  readonly gates?: readonly PromptGate[] | undefined
  /** Where events go. Default: none. */
  readonly outbox?: EventOutbox | undefined
  /** Where acts and refusals are recorded. Default: none. */
  readonly audit?: AuditLog | undefined
  /** Who is told of broken glass and of trials that were rolled back. Default: none. */
  readonly alerts?: AlertSink | undefined
  /** Where acts are counted by what came of them. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Where failures are told that are tried again. Default: none. */
  readonly logger?: Logger | undefined
  /** Milliseconds to wait for others who decide on the same role, 1 to 600000. Default 10000 (10 seconds). */
  readonly lockTimeoutMs?: number | undefined
}

const DEFAULTS = {
  database: undefined,
  gates: Object.freeze([]),
  outbox: undefined,
  audit: undefined,
  alerts: silentAlertSink,
  metrics: silentMetrics,
  logger: silentLogger,
  lockTimeoutMs: 10_000,
}

/**
 * What all share that decide on prompts: one database, one list of gates, one place for events and one for the audit log.
 * Make one, and hand it to `PromptGovernor`, `PromptApprovals`, `PromptCanary` and `PromptEvaluations`: no text then passes
 * by one of them what another would refuse.
 */
export class LearningGovernance {
  /** The database. */
  readonly database: SqlDatabase
  /** What every text must pass. */
  readonly gates: readonly PromptGate[]
  /** Where events go. */
  readonly outbox: EventOutbox | undefined
  /** Where acts and refusals are recorded. */
  readonly audit: AuditLog | undefined
  /** Who is told. */
  readonly alerts: AlertSink
  /** Where acts are counted. */
  readonly metrics: Metrics
  /** Where failures are told. */
  readonly logger: Logger
  /** Milliseconds to wait for others who decide on the same role. */
  readonly lockTimeoutMs: number

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: LearningGovernanceOptions) {
    const given = withDefaults(options, DEFAULTS)
    this.database = requireMethods('database', given.database, ['query', 'transaction'])
    if (!Array.isArray(given.gates)) throw new InvalidOptionError('gates', 'a list of gates', given.gates)
    this.gates = Object.freeze(given.gates.map((gate) => requireMethods('gates', gate, ['check'])))
    this.outbox = given.outbox
    this.audit = given.audit
    this.alerts = given.alerts
    this.metrics = given.metrics
    this.logger = given.logger
    this.lockTimeoutMs = requireInteger('lockTimeoutMs', given.lockTimeoutMs, { min: 1, max: 600_000 })
  }
}

/** Returns `learning` if it is one. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireLearning(learning: LearningGovernance): LearningGovernance {
  if (learning instanceof LearningGovernance) return learning
  throw new InvalidOptionError('learning', 'a LearningGovernance', learning)
}
