import type { AuditLog } from '../audit/index.ts'
import { InvalidOptionError, requireInteger, requireMethods, withDefaults } from '../errors/index.ts'
import type { EventOutbox } from '../events/index.ts'
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
import { TransitionTable } from './transition-table.ts'

/** What a {@link TaskMachine} is made of. */
export interface TaskMachineOptions {
  /** A database with the migration modules `events`, `audit` and `tasks`. Never closed here. */
  readonly database: SqlDatabase
  /** The moves that tasks may make, with their guards. */
  readonly table: TransitionTable
  /** The fixes of the table's guards. Default none. */
  readonly fixes?: AutoFixRegistry | undefined
  /** Where tasks go that cannot be settled. */
  readonly escalations: EscalationSink
  /** How often fixes are tried. Default {@link DEFAULT_FIX_POLICY}: once for a guard and transition, 3 times for a task. */
  readonly policy?: Partial<FixPolicy> | undefined
  /** How far a task may grow that says nothing of it. Default {@link DEFAULT_TASK_LIMITS}. */
  readonly limits?: Partial<TaskLimits> | undefined
  /** How many roots a tenant may have open. Default: any number. */
  readonly quotas?: TaskQuotas | undefined
  /** Where the events of tasks go, such as an `SqlEventOutbox`. Default: none. */
  readonly outbox?: EventOutbox | undefined
  /** Where each move, fix and answer is recorded, such as an `SqlAuditLog`. Default: none. */
  readonly audit?: AuditLog | undefined
  /** The table of tasks. Default a `TaskStore`. */
  readonly store?: TaskStore | undefined
  /** The time that events, fixes and answers bear. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Where moves, ends and fixes are counted. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Its active span is stored with each task that is made, so that whoever works on it later goes on with the trace. Default: none. */
  readonly tracer?: Tracer | undefined
}

/** The options, checked and filled in. */
export interface ResolvedTaskMachineOptions {
  readonly database: SqlDatabase
  readonly table: TransitionTable
  readonly fixes: AutoFixRegistry
  readonly escalations: EscalationSink
  readonly policy: FixPolicy
  readonly limits: TaskLimits
  readonly quotas: TaskQuotas | undefined
  readonly outbox: EventOutbox | undefined
  readonly audit: AuditLog | undefined
  readonly store: TaskStore
  readonly clock: Clock
  readonly metrics: Metrics
  readonly tracer: Tracer
}

const DEFAULTS = {
  database: undefined,
  table: undefined,
  fixes: undefined,
  escalations: undefined,
  policy: Object.freeze({}),
  limits: Object.freeze({}),
  quotas: undefined,
  outbox: undefined,
  audit: undefined,
  store: undefined,
  clock: systemClock,
  metrics: silentMetrics,
  tracer: silentTracer,
}

/** @throws InvalidOptionError `INVALID_OPTION`; TaskError `TASK_FIX_INVALID` when the fixes are another table's. */
export function resolveTaskMachineOptions(options: TaskMachineOptions): ResolvedTaskMachineOptions {
  const given = withDefaults(options, DEFAULTS)
  const { table } = given
  if (!(table instanceof TransitionTable)) throw new InvalidOptionError('table', 'a TransitionTable', table)
  const fixes = given.fixes ?? new AutoFixRegistry(table, [])
  if (fixes.table !== table)
    throw new TaskError({ code: 'TASK_FIX_INVALID', message: 'the fixes were checked against another table' })
  const policy = withDefaults(given.policy, DEFAULT_FIX_POLICY, 'policy.')
  return {
    ...given,
    database: requireMethods('database', given.database, ['query', 'transaction']),
    escalations: requireMethods('escalations', given.escalations, ['raise']),
    fixes,
    policy: {
      maxTriesPerGuard: requireInteger('policy.maxTriesPerGuard', policy.maxTriesPerGuard, { max: 100 }),
      maxFixesPerTask: requireInteger('policy.maxFixesPerTask', policy.maxFixesPerTask, { max: 1000 }),
    },
    limits: resolveTaskLimits(given.limits),
    store: given.store ?? new TaskStore(),
  }
}
