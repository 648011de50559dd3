import { requireInteger, requireOneOf, requireText } from '@golden-arch/core/errors'
import type { EventEnvelope } from '@golden-arch/core/events'
import { METRICS } from '@golden-arch/core/observability'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { systemClock } from '@golden-arch/core/time'
import type { CallOptions, LimitOrder, ReservationKey, SweepOptions } from './budget-calls.ts'
import {
  type BudgetControllerOptions,
  type ResolvedBudgetControllerOptions,
  resolveBudgetControllerOptions,
} from './budget-controller-options.ts'
import type { BudgetDecision, Settlement } from './budget-decision.ts'
import { budgetExhausted, budgetExpired, budgetLate } from './budget-events.ts'
import {
  expireInLedger,
  type LedgerCall,
  readBudget,
  requestFromLedger,
  setLimitInLedger,
  settleInLedger,
} from './budget-ledger.ts'
import {
  budgetNotFound,
  requestConflict,
  reservationNotFound,
  reservationSettled,
  tokensOutOfRange,
} from './budget-refusals.ts'
import { toBudgetState, toReservation } from './budget-row.ts'
import { type BudgetScope, levelOf, requireId, requireScope } from './budget-scope.ts'
import type { BudgetState, LedgerVerification, LimitChange } from './budget-state.ts'
import { LedgerCallRunner } from './ledger-call-runner.ts'
import type { LateReservation, Reservation } from './reservation.ts'
import {
  differingField,
  type ResolvedTokenRequest,
  resolveTokenRequest,
  type TokenRequest,
} from './token-request.ts'
import { isCommittedWith, type ResolvedUsage, resolveUsage, type Usage } from './usage.ts'
import { verifyLedger } from './verify-ledger.ts'

/** A denial is not final while holds that are due to expire stand in the way; this many sweeps are tried for it. */
const MAX_RECLAIMING_SWEEPS = 8
const DEFAULT_SWEEP_LIMIT = 500

/**
 * Token budgets that are charged exactly once: hold an estimate before a call, then commit what it used or release
 * the hold. PostgreSQL decides; every method may be repeated with the same ids after a failure.
 *
 * Every method also throws `INVALID_OPTION` on bad input, `StorageError` codes when the database fails, and
 * `DEADLINE_EXCEEDED` (retryable) or `ABORTED` when the wait ends first. A refused call changes nothing.
 */
export class BudgetController {
  readonly #options: ResolvedBudgetControllerOptions
  readonly #runner: LedgerCallRunner

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: BudgetControllerOptions) {
    this.#options = resolveBudgetControllerOptions(options)
    this.#runner = new LedgerCallRunner(this.#options)
  }

  /**
   * Creates a budget or changes its limit. A budget counts from its creation: holds made before do not count in it.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async setLimit(order: LimitOrder, options: CallOptions = {}): Promise<LimitChange> {
    const scope = requireScope(order.scope)
    const limitTokens = requireInteger('limitTokens', order.limitTokens)
    const actor = requireText('actor', order.actor)
    const actorKind = requireOneOf('actorKind', order.actorKind ?? 'human', ['human', 'agent', 'service'])
    const reason = order.reason === undefined ? undefined : requireText('reason', order.reason, 1000)
    return this.#runner.run('setLimit', options, async (call, tx) => {
      const answer = await setLimitInLedger(call, { scope, limitTokens, actor, reason })
      const previousLimitTokens =
        answer.previousLimitTokens === null ? undefined : Number(answer.previousLimitTokens)
      if (tx !== undefined) {
        await this.#options.audit?.append(tx, {
          tenantId: scope.tenantId,
          actor,
          actorKind,
          action: 'budget.setLimit',
          resource: `budget/${levelOf(scope)}`,
          outcome: 'allowed',
          details: {
            scope,
            limitTokens,
            ...(previousLimitTokens === undefined ? {} : { previousLimitTokens }),
            ...(reason === undefined ? {} : { reason }),
          },
        })
      }
      return { state: toBudgetState(answer.budget), previousLimitTokens }
    })
  }

  /**
   * Holds `tokens` at every budget that covers the request, or denies and holds nothing.
   * @throws BudgetError `BUDGET_NOT_FOUND`, `REQUEST_CONFLICT`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async requestTokens(request: TokenRequest, options: CallOptions = {}): Promise<BudgetDecision> {
    const resolved = resolveTokenRequest(request)
    for (let sweeps = 0; ; sweeps++) {
      const decision = await this.#runner.run('requestTokens', options, (call, tx) =>
        this.#request(call, tx, resolved, sweeps < MAX_RECLAIMING_SWEEPS),
      )
      if (decision !== 'reclaim') {
        this.#countDecision(decision)
        return decision
      }
      await this.sweepExpired({ ...options, tenantId: resolved.scope.tenantId })
    }
  }

  /**
   * Charges what a call used and gives the rest of the hold back. More than was held is charged too; so is usage
   * that comes after the hold has expired (`late`).
   * @throws BudgetError `RESERVATION_NOT_FOUND`, `RESERVATION_SETTLED` (released, or committed with another usage),
   * `TOKENS_OUT_OF_RANGE`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async commit(
    key: ReservationKey & { readonly usage: Usage },
    options: CallOptions = {},
  ): Promise<Settlement> {
    const usage = resolveUsage(key.usage)
    return this.#settle('commit', key, usage, options, (reservation) => {
      if (isCommittedWith(reservation, usage)) return
      throw reservationSettled(reservation, reservation.status === 'released' ? 'status' : 'usage')
    })
  }

  /**
   * Gives a hold back: the call was certainly never sent. An expired hold is back already, and is answered as such.
   * @throws BudgetError `RESERVATION_NOT_FOUND`, `RESERVATION_SETTLED` (committed); InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  async release(key: ReservationKey, options: CallOptions = {}): Promise<Settlement> {
    return this.#settle('release', key, undefined, options, (reservation) => {
      if (reservation.status === 'released' || reservation.status === 'expired') return
      throw reservationSettled(reservation, 'status')
    })
  }

  /**
   * The limit and counters of the budget of exactly this scope.
   * @throws BudgetError `BUDGET_NOT_FOUND`; InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async state(scope: BudgetScope, options: CallOptions = {}): Promise<BudgetState> {
    const wanted = requireScope(scope)
    return this.#runner.run('state', options, async (call) => {
      const row = await readBudget(call, wanted)
      if (row !== undefined) return toBudgetState(row)
      const limitTokens = this.#options.defaultLimitTokens
      if (limitTokens === undefined || levelOf(wanted) !== 'project') throw budgetNotFound(wanted)
      return {
        scope: wanted,
        level: 'project',
        limitTokens,
        usedTokens: 0,
        reservedTokens: 0,
        availableTokens: limitTokens,
      }
    })
  }

  /**
   * Gives back holds whose time has passed, the oldest first. Safe in every process at once.
   * @returns how many were expired; as many as `limit` means that more may wait.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async sweepExpired(options: SweepOptions = {}): Promise<{ readonly expiredCount: number }> {
    const limit = requireInteger('limit', options.limit ?? DEFAULT_SWEEP_LIMIT, { min: 1, max: 10_000 })
    const tenantId = options.tenantId === undefined ? undefined : requireId('tenantId', options.tenantId, 128)
    return this.#runner.run('sweepExpired', options, async (call, tx) => {
      const expired = (await expireInLedger(call, limit, tenantId)).map(toReservation)
      await this.#tell(tx, () =>
        expired.flatMap((one) => (one.status === 'expired' ? [budgetExpired(one)] : [])),
      )
      if (expired.length > 0)
        this.#options.logger.warn({ expiredCount: expired.length }, 'budget holds expired')
      return { expiredCount: expired.length }
    })
  }

  /**
   * Rebuilds the counters of a tenant's budgets, or of one project's (its tasks and agents too), from the ledger
   * and compares them. It reads every movement of those budgets.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async verify(
    scope: { readonly tenantId: string; readonly projectId?: string },
    options: CallOptions = {},
  ): Promise<LedgerVerification> {
    const { tenantId, projectId } = requireScope({ tenantId: scope.tenantId, projectId: scope.projectId })
    return this.#runner.run('verify', options, (call) => verifyLedger(call, tenantId, projectId))
  }

  async #request(
    call: LedgerCall,
    tx: SqlTransaction | undefined,
    request: ResolvedTokenRequest,
    mayReclaim: boolean,
  ): Promise<BudgetDecision | 'reclaim'> {
    const answer = await requestFromLedger(call, request, this.#options.defaultLimitTokens)
    if (answer.outcome === 'no_budget') throw budgetNotFound(request.scope)
    if (answer.outcome === 'denied') {
      if (answer.isReclaimable && mayReclaim) return 'reclaim'
      const state = toBudgetState(answer.budget)
      const at = call.now ?? systemClock.now()
      await this.#tell(tx, () => [budgetExhausted(state, answer.budget.limit_version, request.tokens, at)])
      const { scope, level, availableTokens, limitTokens } = state
      return { status: 'denied', scope, level, availableTokens, limitTokens }
    }
    const reservation = toReservation(answer.reservation)
    if (answer.outcome === 'held' && reservation.status === 'held') {
      return { status: 'granted', isReplay: false, reservation }
    }
    const field = differingField(request, reservation)
    if (field !== undefined) throw requestConflict(request, field)
    return { status: 'granted', isReplay: true, reservation }
  }

  async #settle(
    operation: 'commit' | 'release',
    key: ReservationKey,
    usage: ResolvedUsage | undefined,
    options: CallOptions,
    acceptReplay: (reservation: Reservation) => void,
  ): Promise<Settlement> {
    const tenantId = requireId('tenantId', key.tenantId, 128)
    const requestId = requireId('requestId', key.requestId, 256)
    return this.#runner.run(operation, options, async (call, tx) => {
      const answer = await settleInLedger(call, { tenantId, requestId }, usage)
      if (answer.outcome === 'not_found') throw reservationNotFound(requestId)
      if (answer.outcome === 'out_of_range') throw tokensOutOfRange(requestId)
      const reservation = toReservation(answer.reservation)
      if (answer.outcome === 'existing') {
        acceptReplay(reservation)
        return { reservation, isReplay: true }
      }
      await this.#tell(tx, () => {
        if (reservation.status === 'expired') return [budgetExpired(reservation)]
        return reservation.status === 'late' ? lateEvents(reservation) : []
      })
      return { reservation, isReplay: false }
    })
  }

  async #tell(tx: SqlTransaction | undefined, events: () => readonly EventEnvelope[]): Promise<void> {
    if (tx !== undefined) await this.#options.outbox?.append(tx, events())
  }

  #countDecision(decision: BudgetDecision): void {
    const { metrics } = this.#options
    const isReplay = decision.status === 'granted' && decision.isReplay
    metrics.counter(METRICS.budgetRequests).increment({ outcome: isReplay ? 'replayed' : decision.status })
    if (isReplay) metrics.counter(METRICS.idempotencyCacheHits).increment()
  }
}

/** A hold that nobody swept expires in the commit that comes too late for it; both facts are told then. */
function lateEvents(reservation: LateReservation): readonly EventEnvelope[] {
  const isExpiredNow = reservation.expiredAt.getTime() === reservation.committedAt.getTime()
  return isExpiredNow ? [budgetExpired(reservation), budgetLate(reservation)] : [budgetLate(reservation)]
}
