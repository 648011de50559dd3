import type { AuditLog } from '@golden-arch/core/audit'
import { requireFunction, requireMethods, withDefaults } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import { type Metrics, silentMetrics } from '@golden-arch/core/observability'
import type { DatabaseClock, SqlDatabase } from '@golden-arch/core/storage'
import { databaseClock } from './database-clock.ts'
import {
  DEFAULT_ESCALATION_POLICY,
  type EscalationPolicy,
  requireEscalationPolicy,
} from './escalation-policy.ts'
import type { EscalationTrail } from './escalation-record.ts'
import type { TaskSettlement } from './ports/task-settlement.ts'

/** What an `EscalationStore` is made of. */
export interface EscalationStoreOptions {
  /** A database with the migration module `governance`. Never closed here. */
  readonly database: SqlDatabase
  /** Where the events `escalation.raised` and so on go. Default: none. */
  readonly outbox?: EventOutbox | undefined
  /** Where each change, and each refusal to one who is no person, is recorded. Default: none. */
  readonly audit?: AuditLog | undefined
  /** Where a person's decision on a task goes, with the transaction that resolves the escalation. Default: none. */
  readonly settlement?: TaskSettlement | undefined
  /** Where what happens is counted; what is reported, also where the caller's transaction rolls back. Default: none. */
  readonly metrics?: Metrics | undefined
  /** How long each level has. Default {@link DEFAULT_ESCALATION_POLICY}. */
  readonly policy?: EscalationPolicy | undefined
  /** What the levels go by. Default the database's own clock. */
  readonly now?: DatabaseClock | undefined
}

/** What a store shares with the timer of its escalations. */
export interface EscalationParts extends EscalationTrail {
  readonly database: SqlDatabase
  readonly policy: EscalationPolicy
  readonly now: DatabaseClock
  readonly metrics: Metrics
}

const DEFAULTS = {
  database: undefined,
  outbox: undefined,
  audit: undefined,
  settlement: undefined,
  metrics: silentMetrics,
  policy: DEFAULT_ESCALATION_POLICY,
  now: databaseClock,
}

/** Checks the options and fills in the defaults. @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveEscalationStoreOptions(
  options: EscalationStoreOptions,
): EscalationParts & { readonly settlement: TaskSettlement | undefined } {
  const given = withDefaults(options, DEFAULTS)
  requireMethods('database', given.database, ['query', 'transaction'])
  if (given.settlement !== undefined) requireMethods('settlement', given.settlement, ['settle'])
  requireEscalationPolicy(given.policy)
  requireFunction('now', given.now)
  return given
}
