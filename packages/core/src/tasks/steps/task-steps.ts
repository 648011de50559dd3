import { requireInteger, requireText, serializeError } from '../../errors/index.ts'
import type { SqlTransaction } from '../../storage/index.ts'
import { exponentialDelayMs } from '../../time/index.ts'
import type { TaskKey } from '../task.ts'
import { cancelSteps } from './cancel-steps.ts'
import { type ClaimNextOptions, claimNextStep, claimStep } from './claim-step.ts'
import { readEndedSteps, readStep, readSteps } from './read-steps.ts'
import { type RecoveredSteps, recoverLostSteps } from './recover-steps.ts'
import { boundedJson, requestStep } from './request-step.ts'
import { endStep, putBackStep, renewLease } from './settle-step.ts'
import type { ClaimedStep, HeartbeatAnswer, NewStep, Step, StepKey } from './step.ts'
import { stepEndedEvent, stepRequestedEvent } from './step-events.ts'
import { type ClaimedRun, StepRun, type StepRunOptions } from './step-run.ts'
import {
  type ResolvedTaskStepsOptions,
  resolveTaskStepsOptions,
  type TaskStepsOptions,
} from './task-steps-options.ts'

/** How one call works. */
export interface StepCallOptions {
  /** The caller's transaction, in which it is done. Default: one of its own. */
  readonly tx?: SqlTransaction | undefined
}

/** Who holds a step. */
export interface StepOwner {
  /** The process, 1 to 256 characters. */
  readonly owner: string
}

/** Which steps of a task somebody waits for. */
export interface EndedStepsQuery extends TaskKey {
  readonly stepIds: readonly string[]
}

/** How a claim is given back. */
export interface StepReleaseOptions {
  /** Milliseconds for which nobody claims the step, 0 to 86400000. Default 0. */
  readonly afterMs?: number | undefined
}

/** How a run failed. */
export interface StepFailureOptions {
  /** Whether another run may succeed. */
  readonly retryable: boolean
  /** Milliseconds before it at least, such as a provider asked for, 0 to 86400000. Default: the pause by the options. */
  readonly retryAfterMs?: number | undefined
}

const DAY_MS = 86_400_000

/**
 * The steps of tasks: asked for by who moves the task, claimed by services, each by one process at a time under a lease
 * that must be renewed. A claim has a fence; what its holder writes counts only until another has claimed the step.
 * The database's clock decides when a lease lapses.
 */
export class TaskSteps {
  readonly #options: ResolvedTaskStepsOptions

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: TaskStepsOptions) {
    this.#options = resolveTaskStepsOptions(options)
  }

  /**
   * Asks a service for a step, with an event `task.step.requested.<service>`, in `tx` where one is given; false where it was
   * asked for before.
   * @throws TaskError `TASK_NOT_FOUND`, `TASK_ENDED`, `TASK_VERSION_CONFLICT` (retryable); InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  request(step: NewStep, { tx }: StepCallOptions = {}): Promise<boolean> {
    return this.#within(tx, (within) => requestStep(within, this.#options, step, this.#now()))
  }

  /** A step as it stands. @throws TaskError `STEP_NOT_FOUND`; StorageError by code. */
  get(key: StepKey, { tx }: StepCallOptions = {}): Promise<Step> {
    return readStep(tx ?? this.#options.database, key)
  }

  /** The steps of a task in the order of their asking, 1000 at most. @throws StorageError by code. */
  list(key: TaskKey, { tx }: StepCallOptions = {}): Promise<readonly Step[]> {
    return readSteps(tx ?? this.#options.database, key)
  }

  /**
   * Those of these steps of a task that have ended, in any order: for one who waits for them, as nothing is read of a step
   * that is still to be done.
   * @throws StorageError by code.
   */
  listEnded({ stepIds, ...key }: EndedStepsQuery, { tx }: StepCallOptions = {}): Promise<readonly Step[]> {
    return readEndedSteps(tx ?? this.#options.database, key, stepIds)
  }

  /**
   * Claims a step: undefined where it has ended, another holds it, it is not due yet or no run is left.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad owner; StorageError by code.
   */
  claim(key: StepKey, { owner }: StepOwner): Promise<ClaimedStep | undefined> {
    const { database, leaseMs } = this.#options
    return claimStep(database, key, { owner: requireText('owner', owner), leaseMs })
  }

  /**
   * Claims the step of a service that has been due longest, whether its message was lost or its holder.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad owner; StorageError by code.
   */
  claimNext({ service, owner, except = [] }: ClaimNextOptions): Promise<ClaimedStep | undefined> {
    const { database, leaseMs, pollGraceMs } = this.#options
    const terms = { owner: requireText('owner', owner), leaseMs }
    return claimNextStep(database, service, terms, { graceMs: pollGraceMs, except })
  }

  /** Renews the lease of a claim. @throws TaskError `STEP_NOT_FOUND`; StorageError by code. */
  heartbeat(claim: ClaimedStep): Promise<HeartbeatAnswer> {
    return renewLease(this.#options.database, claim, this.#options.leaseMs)
  }

  /**
   * Ends a step with its result, wakes its task and tells of it by an event `task.step.done`, all in one transaction: in
   * `tx` where one is given, for what must be written with the result.
   * @throws TaskError `STEP_LEASE_LOST`; InvalidOptionError `INVALID_OPTION` on more than 4 MiB; StorageError by code. Then
   * `tx` must roll back.
   */
  async finish(claim: ClaimedStep, result: object, { tx }: StepCallOptions = {}): Promise<void> {
    const json = boundedJson('result', result)
    await this.#within(tx, async (within) => {
      if (!(await endStep(within, claim, { state: 'done', result: json, error: null }))) return
      await this.#options.outbox?.append(within, [stepEndedEvent(claim, 'done', this.#now())])
    })
  }

  /**
   * Ends a run that failed. Where another may succeed and is left, the step waits for it; else it has failed, and its
   * task is woken and told of it as by {@link finish}.
   * @throws TaskError `STEP_LEASE_LOST`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async fail(
    claim: ClaimedStep,
    error: unknown,
    options: StepFailureOptions,
  ): Promise<'requested' | 'failed'> {
    const { database, outbox } = this.#options
    const retryAfterMs = requireInteger('retryAfterMs', options.retryAfterMs ?? 0, { max: DAY_MS })
    const json = boundedJson('error', serializeError(error))
    if (options.retryable && claim.runs < claim.maxRuns) {
      const afterMs = Math.max(this.#pauseMs(claim.runs), retryAfterMs)
      await putBackStep(database, claim, { afterMs, isCounted: true, error: json })
      return 'requested'
    }
    await database.transaction(async (tx) => {
      if (!(await endStep(tx, claim, { state: 'failed', result: null, error: json }))) return
      await outbox?.append(tx, [stepEndedEvent(claim, 'failed', this.#now())])
    })
    return 'failed'
  }

  /**
   * Gives a claim back, as if it had not been made: its run is not counted. `afterMs` (0 to 86400000, default 0) is how
   * long nobody claims it.
   * @throws TaskError `STEP_LEASE_LOST`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async release(claim: ClaimedStep, { afterMs = 0 }: StepReleaseOptions = {}): Promise<void> {
    requireInteger('afterMs', afterMs, { max: DAY_MS })
    await this.#options.database.transaction(async (tx) => {
      await putBackStep(tx, claim, { afterMs, isCounted: false, error: null })
      if (afterMs === 0)
        await this.#options.outbox?.append(tx, [stepRequestedEvent(claim, claim.fence, this.#now())])
    })
  }

  /**
   * Cancels the open steps of a task that ends, in `tx` where one is given, and says how many; their holders learn it at
   * their next heartbeat.
   * @throws StorageError by code; then `tx` must roll back.
   */
  cancelOpen(key: TaskKey, { tx }: StepCallOptions = {}): Promise<number> {
    return this.#within(tx, (within) => cancelSteps(within, key))
  }

  /**
   * Lets every lease lapse at once, and says how many there were: for a process that has the database to itself, at its
   * start, as whoever held them is gone.
   * @throws StorageError by code.
   */
  async lapseAll(): Promise<number> {
    const lapsed = await this.#options.database.query(
      "UPDATE task_steps SET due_at = clock_timestamp() WHERE state = 'running' AND due_at > clock_timestamp()",
    )
    return lapsed.rowCount
  }

  /**
   * Runs a claimed step to its end: renews its lease meanwhile, aborts the signal that `work` gets when the step is
   * cancelled, lost or over its time or the caller stops, then writes what came of it. A `GoldenError` says itself
   * whether another run may succeed; of `OUTCOME_UNKNOWN` and of any other error it is taken that one may. Work that cannot
   * begin now throws {@link TaskError} `STEP_NOT_NOW`: its step is given back.
   * @throws StorageError by code where the end could not be written: then the lease lapses, and the step runs again.
   */
  runClaimed<Result extends object>(
    claim: ClaimedStep,
    work: (signal: AbortSignal) => Promise<Result>,
    options: StepRunOptions = {},
  ): Promise<ClaimedRun<Result>> {
    const { leaseMs, heartbeatMs, stopGraceMs, clock } = this.#options
    return new StepRun<Result>(this, claim, { leaseMs, heartbeatMs, stopGraceMs, clock, ...options }).run(
      work,
    )
  }

  /**
   * Asks again for up to `limit` steps (1 to 1000, default 100) whose holders are gone; those without a further run fail.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  recoverLost({ limit = 100 }: { readonly limit?: number | undefined } = {}): Promise<RecoveredSteps> {
    const { database, outbox } = this.#options
    return recoverLostSteps(
      database,
      outbox,
      requireInteger('limit', limit, { min: 1, max: 1000 }),
      this.#now(),
    )
  }

  #within<T>(tx: SqlTransaction | undefined, act: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    return tx === undefined ? this.#options.database.transaction(act) : act(tx)
  }

  #now(): Date {
    return this.#options.clock.now()
  }

  #pauseMs(runs: number): number {
    const { initialDelayMs, maxDelayMs } = this.#options
    const delay = { initialDelayMs, maxDelayMs, jitter: 'none' } as const
    return exponentialDelayMs(runs, delay, 0)
  }
}
