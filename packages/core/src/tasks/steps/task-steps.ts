import { requireInteger, requireText, serializeError } from '../../errors/index.ts'
import type { SqlExecutor, SqlTransaction } from '../../storage/index.ts'
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

/** How a run failed. */
export interface StepFailureOptions {
  /** Whether another run may succeed. */
  readonly retryable: boolean
  /** Milliseconds before it at least, such as a provider asked for, 0 to 86400000. Default: the pause by the options. */
  readonly retryAfterMs?: number
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
   * Asks a service for a step, with an event `task.step.requested.<service>`; false where it was asked for before.
   * @throws TaskError `TASK_NOT_FOUND`, `TASK_ENDED`, `TASK_VERSION_CONFLICT` (retryable); InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  request(tx: SqlTransaction, step: NewStep): Promise<boolean> {
    return requestStep(tx, this.#options, step, this.#now())
  }

  /** A step as it stands. @throws TaskError `STEP_NOT_FOUND`; StorageError by code. */
  get(executor: SqlExecutor, key: StepKey): Promise<Step> {
    return readStep(executor, key)
  }

  /** The steps of a task in the order of their asking, 1000 at most. @throws StorageError by code. */
  list(executor: SqlExecutor, key: TaskKey): Promise<readonly Step[]> {
    return readSteps(executor, key)
  }

  /**
   * Those of these steps of a task that have ended, in any order: for one who waits for them, as nothing is read of a step
   * that is still to be done.
   * @throws StorageError by code.
   */
  ended(executor: SqlExecutor, key: TaskKey, stepIds: readonly string[]): Promise<readonly Step[]> {
    return readEndedSteps(executor, key, stepIds)
  }

  /**
   * Claims a step: undefined where it has ended, another holds it, it is not due yet or no run is left.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad owner; StorageError by code.
   */
  claim(key: StepKey, owner: string): Promise<ClaimedStep | undefined> {
    const { database, leaseMs } = this.#options
    return claimStep(database, key, { owner: requireText('owner', owner), leaseMs })
  }

  /**
   * Claims the step of a service that has been due longest, whether its message was lost or its holder.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad owner; StorageError by code.
   */
  claimNext(
    service: string,
    owner: string,
    options: ClaimNextOptions = {},
  ): Promise<ClaimedStep | undefined> {
    const { database, leaseMs, pollGraceMs } = this.#options
    const terms = { owner: requireText('owner', owner), leaseMs }
    return claimNextStep(database, service, terms, { graceMs: pollGraceMs, except: options.except ?? [] })
  }

  /** Renews the lease of a claim. @throws TaskError `STEP_NOT_FOUND`; StorageError by code. */
  heartbeat(claim: ClaimedStep): Promise<HeartbeatAnswer> {
    return renewLease(this.#options.database, claim, this.#options.leaseMs)
  }

  /**
   * Ends a step with its result, wakes its task and tells of it by an event `task.step.done`, all in one transaction.
   * @throws TaskError `STEP_LEASE_LOST`; InvalidOptionError `INVALID_OPTION` on more than 4 MiB; StorageError by code.
   */
  async finish(claim: ClaimedStep, result: object): Promise<void> {
    await this.#options.database.transaction((tx) => this.finishWith(tx, claim, result))
  }

  /**
   * As {@link finish}, in a transaction of the caller's, for what must be written with the result.
   * @throws as finish; then the transaction must roll back.
   */
  async finishWith(tx: SqlTransaction, claim: ClaimedStep, result: object): Promise<void> {
    const json = boundedJson('result', result)
    if (!(await endStep(tx, claim, { state: 'done', result: json, error: null }))) return
    await this.#options.outbox?.append(tx, [stepEndedEvent(claim, 'done', this.#now())])
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
  async release(claim: ClaimedStep, afterMs = 0): Promise<void> {
    requireInteger('afterMs', afterMs, { max: DAY_MS })
    await this.#options.database.transaction(async (tx) => {
      await putBackStep(tx, claim, { afterMs, isCounted: false, error: null })
      if (afterMs === 0)
        await this.#options.outbox?.append(tx, [stepRequestedEvent(claim, claim.fence, this.#now())])
    })
  }

  /**
   * Cancels the open steps of a task that ends, and says how many; their holders learn it at their next heartbeat.
   * @throws StorageError by code; then the transaction must roll back.
   */
  cancelOf(tx: SqlTransaction, key: TaskKey): Promise<number> {
    return cancelSteps(tx, key)
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
    return new StepRun<Result>(this, claim, { leaseMs, heartbeatMs, stopGraceMs, clock, ...options }).end(
      work,
    )
  }

  /**
   * Asks again for up to `limit` steps (1 to 1000, default 100) whose holders are gone; those without a further run fail.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  recoverLost(limit = 100): Promise<RecoveredSteps> {
    const { database, outbox } = this.#options
    return recoverLostSteps(
      database,
      outbox,
      requireInteger('limit', limit, { min: 1, max: 1000 }),
      this.#now(),
    )
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
