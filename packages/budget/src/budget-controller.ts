import { InvalidOptionError, noteUnsentFailure } from '@golden-arch/core/errors'
import { EventListeners, silentTracer } from '@golden-arch/core/observability'
import type { Page } from '@golden-arch/core/storage'
import { BatchMeter } from './batches/batch-meter.ts'
import { BatchRunner } from './batches/batch-runner.ts'
import { BudgetBatcher } from './batches/budget-batcher.ts'
import type {
  AdjustmentOrder,
  BelowOptions,
  CallOptions,
  CommitOrder,
  ExtensionOrder,
  ForecastOptions,
  LimitOrder,
  RefundOrder,
  ReservationKey,
  Responsibility,
  RetentionOptions,
  SweepOptions,
} from './budget-calls.ts'
import { type BudgetControllerOptions, resolveBudgetControllerOptions } from './budget-controller-options.ts'
import type { BudgetDecision, BudgetSettlement, ExtensionDecision } from './budget-decision.ts'
import { budgetExhausted, reservationSettled } from './budget-refusals.ts'
import type { BudgetRequest } from './budget-request.ts'
import type { BudgetScope } from './budget-scope.ts'
import type { BudgetForecast, BudgetState, LedgerVerification, LimitChange } from './budget-state.ts'
import { BudgetCache } from './cache/budget-cache.ts'
import { type Correction, CorrectionDesk } from './corrections/correction-desk.ts'
import type { BudgetEventMap, BudgetEventType, BudgetListener } from './events/budget-event.ts'
import {
  type BudgetLease,
  type LeaseOptions,
  type ResolvedLeaseOptions,
  resolveLeaseOptions,
} from './leases/budget-lease.ts'
import { type LeaseSurroundings, runLease } from './leases/run-lease.ts'
import { LedgerCallRunner } from './ledger/ledger-call-runner.ts'
import { type LedgerPart, LedgerUpkeep, type RetiredRecords } from './ledger/ledger-upkeep.ts'
import { ScopePaths } from './ledger/scope-paths.ts'
import { LimitDesk } from './limits/limit-desk.ts'
import type { HeldReservation } from './reservation.ts'
import { DenialAges } from './reservations/denial-ages.ts'
import { ReservationDesk } from './reservations/reservation-desk.ts'
import { ReservationHandles } from './reservations/reservation-handles.ts'
import { type ReservationActs, ReservationSpans } from './reservations/reservation-spans.ts'
import { RoomReclaimer } from './reservations/room-reclaimer.ts'

/**
 * Token and money budgets that are charged exactly once: hold an estimate before a call, then commit what it used or
 * release the hold. PostgreSQL decides; every method may be repeated with the same ids after a failure. Calls that are
 * pending together travel together.
 *
 * Every method also throws `INVALID_OPTION` on bad input, `StorageError` codes when the database fails,
 * `BUDGET_OUTCOME_UNKNOWN` (retryable) when its answer was lost, and `DEADLINE_EXCEEDED` (retryable) or `ABORTED` when
 * the wait ends first. A refused call changes nothing. Do not call it inside a transaction of the same database: with
 * PGlite the call would wait for the transaction that waits for it, until its deadline.
 */
export class BudgetController {
  readonly #listeners: EventListeners<BudgetEventMap>
  readonly #batcher: BudgetBatcher
  readonly #reservations: ReservationActs
  readonly #limits: LimitDesk
  readonly #corrections: CorrectionDesk
  readonly #upkeep: LedgerUpkeep
  readonly #leases: LeaseSurroundings

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: BudgetControllerOptions) {
    const resolved = resolveBudgetControllerOptions(options)
    const { metrics, tracer, logger, maxRemembered, ageAfterDenials, clock } = resolved
    const runner = new LedgerCallRunner(resolved)
    const meter = new BatchMeter(metrics, logger)
    const handles = new ReservationHandles(maxRemembered)
    const paths = new ScopePaths(maxRemembered)
    const cache = new BudgetCache(resolved)
    this.#listeners = new EventListeners<BudgetEventMap>(logger)
    const batches = new BatchRunner({ options: resolved, paths, handles, listeners: this.#listeners, meter })
    this.#batcher = new BudgetBatcher(resolved, batches, meter)
    this.#limits = new LimitDesk(resolved, runner, cache, this.#listeners)
    this.#corrections = new CorrectionDesk(resolved, runner, this.#listeners)
    this.#upkeep = new LedgerUpkeep(resolved, runner, this.#batcher)
    const desk = new ReservationDesk({
      ...{ options: resolved, batcher: this.#batcher, runner, handles, cache, meter },
      ages: new DenialAges(ageAfterDenials),
      reclaimer: new RoomReclaimer(resolved, (tenantId, budgetId) =>
        this.#upkeep.reclaim(tenantId, budgetId),
      ),
      ensureDefault: (scope, call) => this.#limits.ensureDefault(scope, call),
    })
    // Without a tracer a span would be a promise for nothing.
    this.#reservations = tracer === silentTracer ? desk : new ReservationSpans(desk, tracer)
    this.#leases = { ledger: this.#reservations, clock, logger }
  }

  /** How many calls wait for the ledger in this process. */
  get queueLength(): number {
    return this.#batcher.queueLength
  }

  /**
   * Holds tokens, and money where the request has a price, at every budget that covers the request, or denies and
   * holds nothing. The same request again gets the same answer; so does one that comes while the first is under way.
   * @throws BudgetError `BUDGET_NOT_FOUND`, `REQUEST_CONFLICT`, `PRICE_REQUIRED`, `CURRENCY_MISMATCH`, `UNKNOWN_MODEL`,
   * `NO_PRICES_IN_FORCE`, `MONEY_OUT_OF_RANGE`, `TOKENS_OUT_OF_RANGE`, `BUDGET_OVERLOADED`; others as the class.
   */
  requestTokens(request: BudgetRequest, options: CallOptions = {}): Promise<BudgetDecision> {
    return this.#reservations.request(request, options)
  }

  /**
   * Charges what a call used and gives the rest of the hold back. More than was held is charged too (or capped, by
   * option); so is usage that comes after the hold has expired (`late`).
   * @throws BudgetError `RESERVATION_NOT_FOUND`, `RESERVATION_SETTLED` (released, or committed with another usage),
   * `CURRENCY_MISMATCH` (of a cost that was given; also of one in the currency of a hold of no money, where the budgets
   * came to count in another meanwhile), `MONEY_OUT_OF_RANGE`, `TOKENS_OUT_OF_RANGE`, `BUDGET_OVERLOADED`; others as the
   * class.
   */
  commit(order: CommitOrder, options: CallOptions = {}): Promise<BudgetSettlement> {
    return this.#reservations.commit(order, options)
  }

  /**
   * Gives a hold back: the call was certainly never sent. An expired hold is back already, and is answered as such.
   * @throws BudgetError `RESERVATION_NOT_FOUND`, `RESERVATION_SETTLED` (committed), `BUDGET_OVERLOADED`; others as the
   * class.
   */
  release(key: ReservationKey, options: CallOptions = {}): Promise<BudgetSettlement> {
    return this.#reservations.release(key, options)
  }

  /**
   * Lets a hold live longer or grow, as a long stream needs it. More tokens need room, as a request does.
   * @throws BudgetError `RESERVATION_NOT_FOUND`, `RESERVATION_SETTLED` (it ended, or its time has passed),
   * `CURRENCY_MISMATCH`, `MONEY_OUT_OF_RANGE`, `TOKENS_OUT_OF_RANGE`, `BUDGET_OVERLOADED`; others as the class.
   */
  extend(order: ExtensionOrder, options: CallOptions = {}): Promise<ExtensionDecision> {
    return this.#reservations.extend(order, options)
  }

  /**
   * Runs `run` with a hold: requests it, extends it while `run` lasts, then commits the usage that was reported,
   * releases it where the call was reported as not sent, or treats it as `onUnknownUsage` says. What `run` throws is
   * thrown on after that. A hold that an earlier attempt left under the same id is taken up again, with all of its time
   * to live before it. Of two that run under one id at once the later one's commit is refused where it used something
   * else, which is in the log alone then; the same usage, or none reported by either, is taken for a repetition and
   * charged once.
   * @throws BudgetError `BUDGET_EXHAUSTED` (denied), `RESERVATION_SETTLED` (the id was used up, or the time of its hold
   * has passed); others as {@link requestTokens} and {@link commit}.
   */
  async withBudget<T>(
    request: BudgetRequest,
    run: (lease: BudgetLease) => Promise<T>,
    options: LeaseOptions = {},
  ): Promise<T> {
    const resolved = resolveLeaseOptions(options)
    if (typeof run !== 'function') throw new InvalidOptionError('run', 'a function', run)
    const own = await this.#admit(request, resolved).catch((error: unknown) => {
      // It says nothing about whom `run` would have asked: a circuit around all this is not to count it.
      noteUnsentFailure(error)
      throw error
    })
    return runLease(this.#leases, own, resolved, run)
  }

  /**
   * The limits and counters of the budget of exactly this scope; with a cache, a project's may be 10 seconds old.
   * @throws BudgetError `BUDGET_NOT_FOUND`; others as the class.
   */
  async state(scope: BudgetScope, options: CallOptions = {}): Promise<BudgetState> {
    return this.#limits.state(scope, options)
  }

  /**
   * A page of the budgets right below that of a tenant (those of its projects) or of a project (those of its tasks and
   * agents), the one made last first; past any cache.
   * @throws InvalidOptionError `INVALID_OPTION` on another scope, a bad limit or cursor; others as the class.
   */
  async below(scope: BudgetScope, options: BelowOptions = {}): Promise<Page<BudgetState>> {
    return this.#limits.below(scope, options)
  }

  /**
   * When the limits of exactly this scope's budget are reached at the rate of late, as its ledger tells it: use in the
   * last hour, or since the period began where that is less. (The forecast of a state takes the rate of the whole
   * period, and costs nothing more.) Of a tenant with very many movements only the last 50000 are looked at.
   * @throws BudgetError `BUDGET_NOT_FOUND`; others as the class.
   */
  async forecast(scope: BudgetScope, options: ForecastOptions = {}): Promise<BudgetForecast> {
    return this.#limits.forecast(scope, options)
  }

  /**
   * Creates a budget or changes it; with `isOnlyIfAbsent` one that is there already is answered as it is, its limits as
   * the previous ones. A budget counts from its creation: holds made before do not count in it.
   * @throws BudgetError `CURRENCY_MISMATCH`, `MONEY_OUT_OF_RANGE`; others as the class.
   */
  async setLimit(order: LimitOrder, options: CallOptions = {}): Promise<LimitChange> {
    return this.#limits.setLimit(order, options)
  }

  /**
   * Corrects what a scope used, once for each adjustment id.
   * @throws BudgetError `BUDGET_NOT_FOUND`, `ADJUSTMENT_CONFLICT`, `REFUND_EXCEEDS_USED`, `CURRENCY_MISMATCH`,
   * `MONEY_OUT_OF_RANGE`; others as the class.
   */
  async adjust(order: AdjustmentOrder, options: CallOptions = {}): Promise<Correction> {
    return this.#corrections.adjust(order, options)
  }

  /**
   * Gives back some of what a reservation was charged, once for each adjustment id, to the periods that are open now.
   * @throws BudgetError `RESERVATION_NOT_FOUND`, `RESERVATION_SETTLED` (never committed), `REFUND_EXCEEDS_USED`,
   * `ADJUSTMENT_CONFLICT`, `CURRENCY_MISMATCH`, `MONEY_OUT_OF_RANGE`; others as the class.
   */
  async refund(order: RefundOrder, options: CallOptions = {}): Promise<Correction> {
    return this.#corrections.refund(order, options)
  }

  /**
   * Gives back holds whose time has passed, the oldest first. Safe in every process at once.
   * @returns how many were expired, less those whose answer was lost on the way; as many as `limit` means that more may wait.
   * @throws BudgetError `BUDGET_OVERLOADED`; others as the class.
   */
  async sweepExpired(options: SweepOptions = {}): Promise<{ readonly expiredCount: number }> {
    return this.#upkeep.sweepExpired(options)
  }

  /**
   * Retention: folds old movements into summaries and forgets reservations that ended long ago, with them the promise
   * to know their ids. Safe in every process at once.
   * @throws as the class.
   */
  async forgetEnded(options: RetentionOptions = {}): Promise<RetiredRecords> {
    return this.#upkeep.forgetEnded(options)
  }

  /**
   * Rebuilds the counters of a tenant's budgets, or of one project's (its tasks and agents too), from the ledger and
   * compares them. It reads every movement of the tenant.
   * @throws as the class.
   */
  async verify(part: LedgerPart, options: CallOptions = {}): Promise<LedgerVerification> {
    return this.#upkeep.verify(part, options)
  }

  /**
   * Sets the counters to what the ledger says, while nothing else moves them.
   * @throws as the class.
   */
  async rebuild(
    order: LedgerPart & Responsibility,
    options: CallOptions = {},
  ): Promise<{ readonly changedBudgets: number }> {
    return this.#upkeep.rebuild(order, options)
  }

  /**
   * Calls `listener` for each event of this type that this controller causes, after it has been stored.
   * @returns a function that ends it.
   */
  on<Type extends BudgetEventType>(type: Type, listener: BudgetListener<Type>): () => void {
    return this.#listeners.add(type, listener)
  }

  async #admit(request: BudgetRequest, lease: ResolvedLeaseOptions): Promise<HeldReservation> {
    const decision = await this.requestTokens(request, { signal: lease.signal })
    if (decision.status === 'denied') throw budgetExhausted(decision, request)
    const { reservation } = decision
    if (reservation.status !== 'held') throw reservationSettled(reservation, 'status')
    return decision.isReplay ? this.#renew(reservation, lease) : reservation
  }

  /** A hold that was made a while ago would end before the first extension of a lease is due. */
  async #renew(reservation: HeldReservation, { signal }: CallOptions): Promise<HeldReservation> {
    const { requestId, scope, ttlMs } = reservation
    const extension = await this.extend({ tenantId: scope.tenantId, requestId, ttlMs }, { signal })
    return extension.status === 'extended' ? extension.reservation : reservation
  }
}
