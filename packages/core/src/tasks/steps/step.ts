import type { SerializedCause, SerializedError } from '../../errors/index.ts'
import type { TraceContext } from '../../observability/index.ts'
import type { TaskFacts, TaskKey } from '../task.ts'

/** The address of a step: `stepId` is unique in its task, such as `generate:2`. */
export interface StepKey extends TaskKey {
  /** 1 to 256 characters. */
  readonly stepId: string
}

/**
 * Where a step stands. `requested`: a service is to take it. `running`: one has, and its lease lasts or has lapsed. The
 * last three are final.
 */
export type StepState = 'requested' | 'running' | 'done' | 'failed' | 'cancelled'

/** What is said of a step when it is asked for. */
export interface NewStep extends StepKey {
  /** Who is to do it, 1 to 64 characters such as `agent-runtime`. */
  readonly service: string
  /** What sort of work it is. Default: the id up to its last colon. */
  readonly kind?: string
  /** What the service needs to know, as JSON. */
  readonly request: TaskFacts
  /** Milliseconds that one run may take, 1 to 86400000. Default 600000 (10 minutes). */
  readonly timeoutMs?: number
  /** Runs that may begin before the step fails, 1 to 100. Default 5. */
  readonly maxRuns?: number
  /** The version of the task that asks; where it is another's by now, nothing is asked. Default: any. */
  readonly taskVersion?: number
}

/** Why a step failed, as JSON. */
export type StepFailure = SerializedError | SerializedCause

/** A step as stored. */
export interface Step extends StepKey {
  readonly service: string
  readonly kind: string
  readonly request: TaskFacts
  readonly state: StepState
  /** What the service gave, as JSON; null unless `done`. */
  readonly result: unknown
  /** Why the last run failed; null where none did. */
  readonly error: StepFailure | null
  /** Grows by one with each claim: what a run writes must name its own. */
  readonly fence: number
  /** Runs begun and not given back. */
  readonly runs: number
  readonly maxRuns: number
  readonly timeoutMs: number
  /** When the run must have ended; null while nobody runs it. */
  readonly deadlineAt: Date | null
  readonly requestedAt: Date
  /** Null until the state is final. */
  readonly endedAt: Date | null
}

/** The right to run a step, until its lease lapses and another takes it. */
export interface ClaimedStep extends StepKey {
  readonly service: string
  readonly kind: string
  readonly request: TaskFacts
  /** Names this very claim. */
  readonly fence: number
  readonly owner: string
  /** Which run this is, from 1. */
  readonly runs: number
  readonly maxRuns: number
  readonly timeoutMs: number
  readonly deadlineAt: Date
  /** The place in a trace where the step was asked for; absent where nobody traced. */
  readonly trace?: TraceContext
}

/** What a holder learns when it renews its lease. `lost`: another took the step, it has ended, or the run's time is over. */
export type HeartbeatAnswer = 'held' | 'cancelled' | 'lost'

/** The kind of a step by its id: all before the last colon, or the whole. */
export function stepKindOf(stepId: string): string {
  const end = stepId.lastIndexOf(':')
  return end > 0 ? stepId.slice(0, end) : stepId
}
