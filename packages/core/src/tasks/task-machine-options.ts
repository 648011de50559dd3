import { type AuditLog, SqlAuditLog } from '../audit/index.ts'
import { requireInteger } from '../errors/index.ts'
import { type EventOutbox, SqlEventOutbox } from '../events/index.ts'
import { type Metrics, silentMetrics, silentTracer, type Tracer } from '../observability/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { type Clock, systemClock } from '../time/index.ts'
import { DEFAULT_FIX_POLICY, type FixPolicy } from './auto-fix.ts'
import { AutoFixRegistry } from './auto-fix-registry.ts'
import type { EscalationSink } from './escalation-sink.ts'
import type { TaskQuotas } from './queue/task-quotas.ts'
import { TaskError } from './task-error.ts'
import { resolveTaskLimits, type TaskLimits } from './task-limits.ts'
import { TaskStore } from './task-store.ts'
import type { TransitionTable } from './transition-table.ts'

/** What a {@link TaskMachine} is made of. */
export interface TaskMachineOptions {
  /** A database with the migration modules `events`, `audit` and `tasks`. Never closed here. */
  readonly database: SqlDatabase
  /** The moves that tasks may make, with their guards. */
  readonly table: TransitionTable
  /** The fixes of the table's guards. Default none. */
  readonly fixes?: AutoFixRegistry
  /** Where tasks go that cannot be settled. */
  readonly escalations: EscalationSink
  /** How often fixes are tried. Default {@link DEFAULT_FIX_POLICY}: once for a guard and transition, 3 times for a task. */
  readonly policy?: Partial<FixPolicy>
  /** How far a task may grow that says nothing of it. Default {@link DEFAULT_TASK_LIMITS}. */
  readonly limits?: Partial<TaskLimits>
  /** How many roots a tenant may have open. Default: any number. */
  readonly quotas?: TaskQuotas
  /** Default the table `outbox`. */
  readonly outbox?: EventOutbox
  /** Default the table `audit_log`. */
  readonly audit?: AuditLog
  readonly store?: TaskStore
  readonly clock?: Clock
  readonly metrics?: Metrics
  /** Its active span is stored with each task that is made, so that whoever works on it later goes on with the trace. Default: none. */
  readonly tracer?: Tracer
}

/** The options, checked and filled in. */
export interface ResolvedTaskMachineOptions extends Required<Omit<TaskMachineOptions, 'quotas'>> {
  readonly quotas: TaskQuotas | undefined
  readonly policy: FixPolicy
  readonly limits: TaskLimits
}

/** @throws InvalidOptionError `INVALID_OPTION`; TaskError `TASK_FIX_INVALID` when the fixes are another table's. */
export function resolveTaskMachineOptions(options: TaskMachineOptions): ResolvedTaskMachineOptions {
  const policy = { ...DEFAULT_FIX_POLICY, ...options.policy }
  const fixes = options.fixes ?? new AutoFixRegistry(options.table, [])
  if (fixes.table !== options.table)
    throw new TaskError({ code: 'TASK_FIX_INVALID', message: 'the fixes were checked against another table' })
  return {
    database: options.database,
    table: options.table,
    fixes,
    escalations: options.escalations,
    policy: {
      maxTriesPerGuard: requireInteger('policy.maxTriesPerGuard', policy.maxTriesPerGuard, { max: 100 }),
      maxFixesPerTask: requireInteger('policy.maxFixesPerTask', policy.maxFixesPerTask, { max: 1000 }),
    },
    limits: resolveTaskLimits(options.limits),
    quotas: options.quotas,
    outbox: options.outbox ?? new SqlEventOutbox(),
    audit: options.audit ?? new SqlAuditLog(),
    store: options.store ?? new TaskStore(),
    clock: options.clock ?? systemClock,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
  }
}
