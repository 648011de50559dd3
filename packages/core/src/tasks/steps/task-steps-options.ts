import { requireInteger } from '../../errors/index.ts'
import { type EventOutbox, SqlEventOutbox } from '../../events/index.ts'
import { silentTracer, type Tracer } from '../../observability/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'

/** What a {@link TaskSteps} is made of. */
export interface TaskStepsOptions {
  readonly database: SqlDatabase
  /** Default the table `outbox`. */
  readonly outbox?: EventOutbox
  /** Milliseconds until a claim lapses unless renewed, 100 to 3600000. Default 15000 (15 seconds). */
  readonly leaseMs?: number
  /** Milliseconds between two renewals, 10 to `leaseMs / 2`. Default a third of `leaseMs`. */
  readonly heartbeatMs?: number
  /** Milliseconds that a poll leaves a step to the message that tells of it, 0 to 3600000. Default 1000 (1 second). */
  readonly pollGraceMs?: number
  /** Milliseconds before a failed step may run again, doubled for each further run, 0 to 3600000. Default 1000 (1 second). */
  readonly retryDelayMs?: number
  /** Milliseconds that such a pause lasts at most, `retryDelayMs` to 86400000. Default 60000 (1 minute). */
  readonly maxRetryDelayMs?: number
  /** Milliseconds that a run may take to end once it was told to, 0 to 3600000. Default 5000 (5 seconds). */
  readonly stopGraceMs?: number
  /** Its active span is stored with each step that is asked for, so that whoever claims it goes on with the trace. Default: none. */
  readonly tracer?: Tracer
  /** For the times of events and the timers of runs; leases are the database's affair. */
  readonly clock?: Clock
}

/** The options, checked and filled in. */
export type ResolvedTaskStepsOptions = Required<TaskStepsOptions>

const HOUR_MS = 3_600_000

/** @throws InvalidOptionError `INVALID_OPTION`. */
export function resolveTaskStepsOptions(options: TaskStepsOptions): ResolvedTaskStepsOptions {
  const leaseMs = requireInteger('leaseMs', options.leaseMs ?? 15_000, { min: 100, max: HOUR_MS })
  const retryDelayMs = requireInteger('retryDelayMs', options.retryDelayMs ?? 1000, { max: HOUR_MS })
  return {
    database: options.database,
    outbox: options.outbox ?? new SqlEventOutbox(),
    leaseMs,
    heartbeatMs: requireInteger('heartbeatMs', options.heartbeatMs ?? Math.floor(leaseMs / 3), {
      min: 10,
      max: Math.floor(leaseMs / 2),
    }),
    pollGraceMs: requireInteger('pollGraceMs', options.pollGraceMs ?? 1000, { max: HOUR_MS }),
    retryDelayMs,
    maxRetryDelayMs: requireInteger(
      'maxRetryDelayMs',
      options.maxRetryDelayMs ?? Math.max(60_000, retryDelayMs),
      { min: retryDelayMs, max: 24 * HOUR_MS },
    ),
    stopGraceMs: requireInteger('stopGraceMs', options.stopGraceMs ?? 5000, { max: HOUR_MS }),
    tracer: options.tracer ?? silentTracer,
    clock: options.clock ?? systemClock,
  }
}
