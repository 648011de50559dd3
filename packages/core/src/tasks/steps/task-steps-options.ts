import { requireInteger, requireMethods, withDefaults } from '../../errors/index.ts'
import type { EventOutbox } from '../../events/index.ts'
import { silentTracer, type Tracer } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'

/** What a {@link TaskSteps} is made of. */
export interface TaskStepsOptions {
  /** A database with the migration module `tasks`. Never closed here. */
  readonly database: SqlDatabase
  /** Where the events go by which services and orchestrators hear of steps. Default: none, so that they poll. */
  readonly outbox?: EventOutbox | undefined
  /** Milliseconds until a claim lapses unless renewed, 100 to 3600000. Default 15000 (15 seconds). */
  readonly leaseMs?: number | undefined
  /** Milliseconds between two renewals, 10 to `leaseMs / 2`. Default a third of `leaseMs`. */
  readonly heartbeatMs?: number | undefined
  /** Milliseconds that a poll leaves a step to the message that tells of it, 0 to 3600000. Default 1000 (1 second). */
  readonly pollGraceMs?: number | undefined
  /** Milliseconds before a failed step may run again, doubled for each further run, 0 to 3600000. Default 1000 (1 second). */
  readonly initialDelayMs?: number | undefined
  /** Milliseconds that such a pause lasts at most, `initialDelayMs` to 86400000. Default 60000 (1 minute). */
  readonly maxDelayMs?: number | undefined
  /** Milliseconds that a run may take to end once it was told to, 0 to 3600000. Default 5000 (5 seconds). */
  readonly stopGraceMs?: number | undefined
  /** Its active span is stored with each step that is asked for, so that whoever claims it goes on with the trace. Default: none. */
  readonly tracer?: Tracer | undefined
  /** For the times of events and the timers of runs; leases are the database's affair. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The options, checked and filled in. */
export interface ResolvedTaskStepsOptions {
  readonly database: SqlDatabase
  readonly outbox: EventOutbox | undefined
  readonly leaseMs: number
  readonly heartbeatMs: number
  readonly pollGraceMs: number
  readonly initialDelayMs: number
  readonly maxDelayMs: number
  readonly stopGraceMs: number
  readonly tracer: Tracer
  readonly clock: Clock
}

const HOUR_MS = 3_600_000
const DEFAULTS = {
  database: undefined,
  outbox: undefined,
  leaseMs: 15_000,
  heartbeatMs: undefined,
  pollGraceMs: 1000,
  initialDelayMs: 1000,
  maxDelayMs: undefined,
  stopGraceMs: 5000,
  tracer: silentTracer,
  clock: systemClock,
}

/** @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveTaskStepsOptions(options: TaskStepsOptions): ResolvedTaskStepsOptions {
  const given = withDefaults(options, DEFAULTS)
  const leaseMs = requireInteger('leaseMs', given.leaseMs, { min: 100, max: HOUR_MS })
  const initialDelayMs = requireInteger('initialDelayMs', given.initialDelayMs, { max: HOUR_MS })
  return {
    ...given,
    database: requireMethods('database', given.database, ['query', 'transaction']),
    leaseMs,
    heartbeatMs: requireInteger('heartbeatMs', given.heartbeatMs ?? Math.floor(leaseMs / 3), {
      min: 10,
      max: Math.floor(leaseMs / 2),
    }),
    pollGraceMs: requireInteger('pollGraceMs', given.pollGraceMs, { max: HOUR_MS }),
    initialDelayMs,
    maxDelayMs: requireInteger('maxDelayMs', given.maxDelayMs ?? Math.max(60_000, initialDelayMs), {
      min: initialDelayMs,
      max: 24 * HOUR_MS,
    }),
    stopGraceMs: requireInteger('stopGraceMs', given.stopGraceMs, { max: HOUR_MS }),
  }
}
