import { InvalidOptionError, requireInteger, requireObject, requireOneOf } from '@golden-arch/core/errors'
import { withDeadline } from '@golden-arch/core/time'
import type { BatchMeter } from '../batches/batch-meter.ts'
import type { BudgetBatcher, StepOrder } from '../batches/budget-batcher.ts'
import { reservationKey } from '../batches/budget-flight.ts'
import type { BudgetAnswer, BudgetStep, RefusedAnswer } from '../batches/budget-step.ts'
import type { CallOptions, CommitOrder, ExtensionOrder, ReservationKey } from '../budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import type { BudgetDecision, BudgetSettlement, ExtensionDecision } from '../budget-decision.ts'
import {
  budgetNotFound,
  currencyMismatch,
  deniedDecision,
  priceRequired,
  requestConflict,
  reservationNotFound,
  reservationSettled,
} from '../budget-refusals.ts'
import {
  type BudgetRequest,
  differingField,
  type ResolvedBudgetRequest,
  requireMicros,
  requireTtl,
  resolveBudgetRequest,
} from '../budget-request.ts'
import { type BudgetScope, requireId } from '../budget-scope.ts'
import type { BudgetCache } from '../cache/budget-cache.ts'
import { readReservations } from '../ledger/budget-ledger.ts'
import { scopeOfBudget } from '../ledger/budget-row.ts'
import type { LedgerCallRunner } from '../ledger/ledger-call-runner.ts'
import { type ReservationRow, toReservation } from '../ledger/reservation-row.ts'
import { chargingTable, type PriceTable, priceTableAt } from '../pricing/price-table.ts'
import {
  isCommittedWith,
  isModelUsage,
  type ResolvedUsage,
  resolveUsage,
  type Usage,
  usageOfHold,
} from '../pricing/usage.ts'
import type { Reservation } from '../reservation.ts'
import type { DenialAges } from './denial-ages.ts'
import { handleOfRow, type ReservationHandle, type ReservationHandles } from './reservation-handles.ts'
import { isReclaimable, type RoomReclaimer } from './room-reclaimer.ts'

const MAX_TRIES = 3

/** What the desk works with. */
export interface DeskSurroundings {
  readonly options: ResolvedBudgetControllerOptions
  readonly batcher: BudgetBatcher
  readonly runner: LedgerCallRunner
  readonly handles: ReservationHandles
  readonly cache: BudgetCache
  readonly ages: DenialAges
  readonly meter: BatchMeter
  readonly reclaimer: RoomReclaimer
  /** Gives a project the default limit if it has none. */
  readonly ensureDefault: (scope: BudgetScope, options: CallOptions) => Promise<void>
}

/** Requests, commits, releases and extensions of single reservations. */
export class ReservationDesk {
  readonly #around: DeskSurroundings
  readonly #begun = new Set<string>()
  readonly #beginning = new Map<string, Promise<void>>()

  constructor(surroundings: DeskSurroundings) {
    this.#around = surroundings
  }

  async request(request: BudgetRequest, options: CallOptions): Promise<BudgetDecision> {
    const { ages, cache, meter } = this.#around
    const resolved = resolveBudgetRequest(request, () => this.#prices())
    const known =
      this.#around.options.cache === undefined
        ? undefined
        : await cache.getFinal(resolved.scope, resolved.requestId)
    if (known !== undefined) {
      meter.replayed()
      return this.#replayed(request, resolved, known)
    }
    const key = reservationKey(resolved.scope.tenantId, resolved.requestId)
    if (this.#around.options.defaultLimitTokens !== undefined)
      await this.#beginProject(resolved.scope, options)
    const { tenantId, projectId } = resolved.scope
    const order: StepOrder = {
      ...{ key, tenantId, requestId: resolved.requestId, projectId },
      step: { kind: 'request', request: resolved, isAged: ages.isAged(key) },
    }
    let answer = await this.#around.batcher.send(order, options.signal)
    if (isReclaimable(answer)) {
      const ask = () => this.#around.batcher.send(order, options.signal)
      answer = await this.#around.reclaimer.answer(tenantId, ask, options, answer)
    }
    if (answer.kind === 'no_budget') throw budgetNotFound(resolved.scope)
    return this.#decision(request, resolved, key, answer)
  }

  async commit(order: CommitOrder, options: CallOptions): Promise<BudgetSettlement> {
    const address = requireAddress(order)
    const overrun = requireOneOf('overrun', order.overrun ?? this.#around.options.overrun, ['allow', 'cap'])
    const isCapped = overrun === 'cap'
    const reported = await this.#resolveUsage(address, order.usage, options)
    const usage =
      reported.known === undefined
        ? reported
        : usageOfHold(reported, heldBy(await this.#read(address, options)), isCapped)
    const step = { kind: 'commit', usage, isCapped } as const
    return this.#settle(address, step, options, (row) => {
      // Asked as often as it may be, the ledger left it: its budgets took another currency while it held no money.
      if (couldTake(step, row) && row.micros === 0n && usage.currency !== undefined)
        throw currencyMismatch(toReservation(row).scope, [usage.currency])
      if (!isCommittedWith(row, usage)) {
        throw reservationSettled(toReservation(row), row.status === 'released' ? 'status' : 'usage')
      }
    })
  }

  async release(key: ReservationKey, options: CallOptions): Promise<BudgetSettlement> {
    return this.#settle(requireAddress(key), { kind: 'release' }, options, (row) => {
      if (row.status === 'released' || row.status === 'expired') return
      throw reservationSettled(toReservation(row), 'status')
    })
  }

  async extend(order: ExtensionOrder, options: CallOptions): Promise<ExtensionDecision> {
    const address = requireAddress(order)
    const { ttlMs, tokens, cost } = order
    if (ttlMs === undefined && tokens === undefined && cost === undefined) {
      throw new InvalidOptionError('ttlMs', 'given where neither tokens nor cost is', ttlMs)
    }
    const step = {
      kind: 'extend',
      ttlMs: ttlMs === undefined ? null : requireTtl(ttlMs),
      tokens: tokens === undefined ? null : requireInteger('tokens', tokens, { min: 1 }),
      micros: cost === undefined ? null : requireMicros(cost),
    } as const
    if (cost !== undefined) this.#requireCurrency(await this.#handle(address, options), cost.currency)
    const ask = () => this.#sendToHold(address, step, options)
    const answer = await this.#around.reclaimer.answer(address.tenantId, ask, options)
    if (answer.kind === 'existing') {
      if (answer.row === undefined) throw reservationNotFound(address.requestId)
      throw reservationSettled({ requestId: address.requestId, status: endedStatus(answer.row) }, 'status')
    }
    if (answer.kind === 'no_room') {
      const held = heldBy(await this.#handle(address, options))
      const more = {
        tokens: Math.max(0, (tokens ?? 0) - held.tokens),
        micros: Math.max(0, (step.micros ?? 0) - held.micros),
      }
      return deniedDecision(answer, { ...more, currency: cost?.currency })
    }
    if (answer.kind === 'currency_mismatch') throw mismatchOf(cost?.currency, answer)
    if (answer.kind !== 'done' || answer.reservation.status !== 'held') throw unexpected(answer)
    return { status: 'extended', reservation: answer.reservation }
  }

  /** The first use of a project in this process gives it the default limit, also where its tenant has a budget. */
  async #beginProject(scope: BudgetScope, options: CallOptions): Promise<void> {
    const key = reservationKey(scope.tenantId, scope.projectId ?? '')
    if (this.#begun.has(key)) return
    const { clock, operationTimeoutMs } = this.#around.options
    const deadline = { ...options, timeoutMs: operationTimeoutMs, clock }
    await withDeadline(deadline, () => this.#beginning.get(key) ?? this.#beginNow(key, scope))
  }

  /** Those who come while it is under way share it: a start under load must not ask for one limit a thousand times. */
  #beginNow(key: string, scope: BudgetScope): Promise<void> {
    const turn = this.#around
      .ensureDefault(scope, {})
      .then(() => {
        if (this.#begun.size >= this.#around.options.maxRemembered) this.#begun.clear()
        this.#begun.add(key)
      })
      .finally(() => this.#beginning.delete(key))
    this.#beginning.set(key, turn)
    return turn
  }

  async #settle(
    address: ReservationKey,
    step: BudgetStep,
    options: CallOptions,
    acceptReplay: (row: ReservationRow) => void,
  ): Promise<BudgetSettlement> {
    const answer = await this.#sendToHold(address, step, options)
    if (answer.kind === 'done') return { reservation: answer.reservation, isReplay: answer.isReplay }
    if (answer.kind !== 'existing') throw unexpected(answer)
    if (answer.row === undefined) throw reservationNotFound(address.requestId)
    acceptReplay(answer.row)
    return { reservation: toReservation(answer.row), isReplay: true }
  }

  /**
   * A step that was not taken though the reservation allows it overtook the request of another process: that one was
   * stored after the ledger looked for it, and before it was read. Asked again, the ledger sees it.
   */
  async #sendToHold(address: ReservationKey, step: BudgetStep, options: CallOptions): Promise<BudgetAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#send(address, step, options)
      if (answer.kind !== 'existing' || !couldTake(step, answer.row) || tries === MAX_TRIES) return answer
    }
  }

  #send(
    { tenantId, requestId }: ReservationKey,
    step: BudgetStep,
    { signal }: CallOptions,
  ): Promise<BudgetAnswer> {
    const key = reservationKey(tenantId, requestId)
    const projectId = this.#around.handles.get(key)?.reservation.scope.projectId
    return this.#around.batcher.send({ key, tenantId, requestId, projectId, step }, signal)
  }

  #decision(
    given: BudgetRequest,
    request: ResolvedBudgetRequest,
    key: string,
    answer: BudgetAnswer,
  ): BudgetDecision {
    const { ages, cache } = this.#around
    switch (answer.kind) {
      case 'done': {
        ages.granted(key)
        const { reservation, isReplay } = answer
        if (isReplay) return { status: 'granted', isReplay, reservation }
        if (reservation.status !== 'held') throw unexpected(answer)
        return { status: 'granted', isReplay: false, reservation }
      }
      case 'existing':
        if (answer.row === undefined) throw unexpected(answer)
        cache.putFinal(answer.row)
        return this.#replayed(given, request, answer.row)
      case 'no_room':
        ages.denied(key)
        return deniedDecision(answer, request)
      default:
        throw this.#refusal(request, answer)
    }
  }

  /** The answer of a reservation to a repetition, which may come when another price table is in force. */
  #replayed(given: BudgetRequest, request: ResolvedBudgetRequest, row: ReservationRow): BudgetDecision {
    let field = differingField(request, row)
    const { prices } = this.#around.options
    if (
      field === 'cost' &&
      request.model !== undefined &&
      prices.some((one) => one.effectiveFrom <= row.held_at)
    ) {
      field = differingField(
        resolveBudgetRequest(given, () => priceTableAt(prices, row.held_at)),
        row,
      )
    }
    if (field !== undefined) throw requestConflict(request.requestId, field)
    return { status: 'granted', isReplay: true, reservation: toReservation(row) }
  }

  #refusal(request: ResolvedBudgetRequest, answer: BudgetAnswer): Error {
    if (answer.kind === 'price_missing') return priceRequired(answer.budget)
    if (answer.kind === 'currency_mismatch') return mismatchOf(request.currency, answer)
    return unexpected(answer)
  }

  async #resolveUsage(address: ReservationKey, usage: Usage, options: CallOptions): Promise<ResolvedUsage> {
    // Bad usage is refused before anything is read for it.
    const unpriced = resolveUsage(usage)
    const needsPrices = isModelUsage(usage) && this.#around.options.prices.length > 0
    if (!needsPrices && unpriced.currency === undefined) return unpriced
    const handle = await this.#handle(address, options)
    const { model, cost, heldAt } = handle.reservation
    if (!needsPrices || model === undefined) {
      if (unpriced.currency !== undefined) this.#requireCurrency(handle, unpriced.currency)
      return unpriced
    }
    const { prices, clock, logger } = this.#around.options
    const table = chargingTable(prices, { model, currency: cost?.currency, heldAt }, clock.now())
    if (table !== undefined) return resolveUsage(usage, { model, prices: table })
    // The call was made: to refuse its usage would let the hold expire uncharged.
    logger.warn({ ...address, model }, 'no prices for the usage of a call: its money is charged as held')
    return { ...unpriced, isPricedHere: true }
  }

  #requireCurrency({ reservation }: ReservationHandle, currency: string): void {
    const held = reservation.cost?.currency
    if (held === currency) return
    throw currencyMismatch(reservation.scope, held === undefined ? [currency] : [held, currency])
  }

  /** What is known of a reservation: remembered, or read. */
  async #handle(address: ReservationKey, options: CallOptions): Promise<ReservationHandle> {
    const remembered = this.#around.handles.get(reservationKey(address.tenantId, address.requestId))
    return remembered ?? this.#read(address, options)
  }

  async #read(address: ReservationKey, options: CallOptions): Promise<ReservationHandle> {
    const [row] = await this.#around.runner.run('read', options, (call) => readReservations(call, [address]))
    if (row === undefined) throw reservationNotFound(address.requestId)
    return handleOfRow(row)
  }

  #prices(): PriceTable | undefined {
    const { prices, clock } = this.#around.options
    return prices.length === 0 ? undefined : priceTableAt(prices, clock.now())
  }
}

function mismatchOf(currency: string | undefined, { budget }: RefusedAnswer): Error {
  const currencies = [budget.currency, currency].filter((one) => typeof one === 'string')
  return currencyMismatch(scopeOfBudget(budget), currencies)
}

function heldBy({ reservation }: ReservationHandle): { readonly tokens: number; readonly micros: number } {
  return { tokens: reservation.tokens, micros: Number(reservation.cost?.micros ?? 0n) }
}

function requireAddress(key: ReservationKey): ReservationKey {
  const { tenantId, requestId } = requireObject('key', key)
  return {
    tenantId: requireId('tenantId', tenantId, 128),
    requestId: requireId('requestId', requestId, 256),
  }
}

/** A commit is taken after the hold has expired as well. */
function couldTake({ kind }: BudgetStep, row: ReservationRow | undefined): boolean {
  return row?.status === 'held' || (kind === 'commit' && row?.status === 'expired')
}

/** A hold whose time has passed is over for an extension, though nobody swept it yet. */
function endedStatus(row: ReservationRow): Reservation['status'] {
  return row.status === 'held' ? 'expired' : row.status
}

function unexpected(answer: BudgetAnswer): Error {
  return new TypeError(`the ledger answered ${answer.kind} to a step that has no such answer`)
}
