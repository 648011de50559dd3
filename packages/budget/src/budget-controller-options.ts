import type { AuditLog } from '@golden-arch/core/audit'
import { requireInteger } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import { type Logger, type Metrics, silentLogger, silentMetrics } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { Clock } from '@golden-arch/core/time'

/** What a {@link BudgetController} is made of. */
export interface BudgetControllerOptions {
  /** Where budgets live: the tables of the migration module `budget`. Never closed here. */
  readonly database: SqlDatabase
  /** Where time comes from. Default: the database's clock, on which all processes agree. */
  readonly clock?: Clock
  /** Default: none. */
  readonly metrics?: Metrics
  /** Default: none. */
  readonly logger?: Logger
  /** Takes `budget.expired`, `budget.late` and `budget.exhausted`, each with the change it tells of. Default: no events. */
  readonly outbox?: EventOutbox
  /** Takes an entry for each limit set. Default: none. */
  readonly audit?: AuditLog
  /** The limit that a project without a budget of its own gets on first use, 0 to 2^53 - 1. Default: none. */
  readonly defaultLimitTokens?: number
  /** Milliseconds that one operation may take, 1 to 600000. Default 10000 (10 seconds). */
  readonly operationTimeoutMs?: number
}

/** What the controller may rely on. */
export interface ResolvedBudgetControllerOptions {
  readonly database: SqlDatabase
  readonly clock: Clock | undefined
  readonly metrics: Metrics
  readonly logger: Logger
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
  readonly defaultLimitTokens: number | undefined
  readonly operationTimeoutMs: number
}

/** The numbers used where none are given. */
export const DEFAULT_BUDGET_CONTROLLER_OPTIONS: { readonly operationTimeoutMs: number } = Object.freeze({
  operationTimeoutMs: 10_000,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveBudgetControllerOptions(
  options: BudgetControllerOptions,
): ResolvedBudgetControllerOptions {
  const {
    database,
    clock,
    metrics = silentMetrics,
    logger = silentLogger,
    outbox,
    audit,
    defaultLimitTokens,
  } = options
  const { operationTimeoutMs = DEFAULT_BUDGET_CONTROLLER_OPTIONS.operationTimeoutMs } = options
  if (defaultLimitTokens !== undefined) requireInteger('defaultLimitTokens', defaultLimitTokens)
  requireInteger('operationTimeoutMs', operationTimeoutMs, { min: 1, max: 600_000 })
  return { database, clock, metrics, logger, outbox, audit, defaultLimitTokens, operationTimeoutMs }
}
