import { type Actor, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireInteger, requireObject, requireText } from '@golden-arch/core/errors'
import type { EventListeners } from '@golden-arch/core/observability'
import { softLimitEvents } from '../batches/batch-events.ts'
import type { AdjustmentOrder, CallOptions, RefundOrder, Responsibility } from '../budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import { BudgetError } from '../budget-error.ts'
import { budgetNotFound, currencyMismatch, reservationNotFound } from '../budget-refusals.ts'
import { requireMicros } from '../budget-request.ts'
import { type BudgetScope, requireId, requireScope } from '../budget-scope.ts'
import { toEnvelope } from '../events/budget-envelope.ts'
import type { BudgetEventMap } from '../events/budget-event.ts'
import { type LedgerCall, one } from '../ledger/budget-ledger.ts'
import { type BudgetRow, scopeKey } from '../ledger/budget-row.ts'
import type { LedgerCallRunner } from '../ledger/ledger-call-runner.ts'
import { beginPeriods } from '../periods/period-turn.ts'
import type { Money } from '../pricing/money.ts'

const MAX_TURNS = 5

/** What a correction came to. */
export interface Correction {
  /** Whether it had been made under this id before, so that nothing changed now. */
  readonly isReplay: boolean
}

interface ResolvedCorrection {
  readonly kind: 'adjusted' | 'refunded'
  readonly adjustmentId: string
  readonly scope: BudgetScope
  readonly requestId: string | undefined
  /** Signed: positive charges more. */
  readonly tokens: number
  readonly micros: number
  readonly currency: string | undefined
}

interface AdjustedRow {
  readonly outcome:
    | 'adjusted'
    | 'replayed'
    | 'conflict'
    | 'not_found'
    | 'no_budget'
    | 'period_over'
    | 'currency_mismatch'
    | 'exceeds_used'
    | 'not_committed'
  readonly at: Date
  readonly facts: readonly BudgetRow[] | null
  readonly soft_budget: readonly bigint[] | null
  readonly soft_before: readonly number[] | null
  readonly soft_reached: readonly number[] | null
}

/** Corrections of what was used: each is made once, by somebody, for a reason. */
export class CorrectionDesk {
  readonly #options: ResolvedBudgetControllerOptions
  readonly #runner: LedgerCallRunner
  readonly #listeners: EventListeners<BudgetEventMap>

  constructor(
    options: ResolvedBudgetControllerOptions,
    runner: LedgerCallRunner,
    listeners: EventListeners<BudgetEventMap>,
  ) {
    this.#options = options
    this.#runner = runner
    this.#listeners = listeners
  }

  async adjust(order: AdjustmentOrder, options: CallOptions): Promise<Correction> {
    const scope = requireScope(requireObject('order', order).scope)
    if (scope.projectId === undefined) throw new InvalidOptionError('scope.projectId', 'given', undefined)
    const tokens = requireSigned('tokens', order.tokens ?? 0)
    const micros = order.cost === undefined ? 0 : requireSignedMicros(order.cost)
    if (tokens * micros < 0)
      throw new InvalidOptionError('cost', 'of the same sign as tokens', String(micros))
    requireSome(tokens, micros)
    const currency = order.cost?.currency
    return this.#correct(
      order,
      { kind: 'adjusted', scope, requestId: undefined, tokens, micros, currency },
      options,
    )
  }

  async refund(order: RefundOrder, options: CallOptions): Promise<Correction> {
    const scope = { tenantId: requireId('tenantId', requireObject('order', order).tenantId, 128) }
    const requestId = requireId('requestId', order.requestId, 256)
    const tokens = -requireInteger('tokens', order.tokens ?? 0)
    const micros = order.cost === undefined ? 0 : -requireMicros(order.cost)
    requireSome(tokens, micros)
    const currency = order.cost?.currency
    return this.#correct(order, { kind: 'refunded', scope, requestId, tokens, micros, currency }, options)
  }

  async #correct(
    order: Responsibility & { readonly adjustmentId: string; readonly reason: string },
    amounts: Omit<ResolvedCorrection, 'adjustmentId'>,
    options: CallOptions,
  ): Promise<Correction> {
    const adjustmentId = requireId('adjustmentId', order.adjustmentId, 256)
    const correction: ResolvedCorrection = { ...amounts, adjustmentId }
    const actor = requireActor(order.actor)
    const reason = requireText('reason', order.reason, 1000)
    const { outbox, outboxEvents, audit } = this.#options
    const { row, events } = await this.#runner.run(correction.kind, options, async (call, tx) => {
      const row = await this.#inPeriod(call, correction, actor, reason)
      const events = softLimitEvents(row)
      if (tx === undefined || row.outcome !== 'adjusted') return { row, events }
      if (events.length > 0 && outboxEvents.has('budget.softLimitReached')) {
        await outbox?.append(tx, events.map(toEnvelope))
      }
      const { scope, requestId, tokens, micros, currency } = correction
      const { tenantId } = scope
      await audit?.append(tx, {
        tenantId,
        actor,
        action: correction.kind === 'adjusted' ? 'budget.adjust' : 'budget.refund',
        resource: `budget/${adjustmentId}`,
        outcome: 'allowed',
        details: {
          scope,
          ...(requestId === undefined ? {} : { requestId }),
          tokens,
          ...(currency === undefined ? {} : { micros, currency }),
          reason,
        },
      })
      return { row, events }
    })
    for (const event of events) this.#listeners.tell(event.type, event.data, event.at)
    if (row.outcome === 'adjusted' || row.outcome === 'replayed')
      return { isReplay: row.outcome === 'replayed' }
    throw refusalOf(row, correction)
  }

  async #inPeriod(
    call: LedgerCall,
    correction: ResolvedCorrection,
    actor: Actor,
    reason: string,
  ): Promise<AdjustedRow> {
    const [tenantId, projectId, taskId, agentId] = scopeKey(correction.scope)
    const { adjustmentId, requestId, tokens, micros, currency } = correction
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const row = await one<AdjustedRow>(
        call,
        `SELECT outcome, at, facts, soft_budget, soft_before, soft_reached
           FROM budget_adjust($1::timestamptz, $2, $3, $4, $5, $6, $7, $8::bigint, $9::bigint, $10, $11, $12)`,
        [
          call.now,
          ...[tenantId, adjustmentId, requestId ?? null, projectId, taskId, agentId],
          ...[tokens, micros, currency ?? null, actor.id, reason],
        ],
      )
      if (row.outcome !== 'period_over') return row
      await beginPeriods(call, row.facts ?? [], row.at)
    }
    throw new TypeError('the periods of a budget end faster than they begin')
  }
}

function refusalOf({ outcome, facts }: AdjustedRow, correction: ResolvedCorrection): BudgetError {
  const { scope, requestId = '', adjustmentId, currency } = correction
  switch (outcome) {
    case 'not_found':
      return reservationNotFound(requestId)
    case 'no_budget':
      return budgetNotFound(scope)
    case 'currency_mismatch':
      return currencyMismatch(scope, [...(facts ?? []).flatMap((row) => row.currency ?? []), currency ?? ''])
    case 'conflict':
      return new BudgetError({
        code: 'ADJUSTMENT_CONFLICT',
        message: 'the adjustment id was used before for another correction',
        details: { adjustmentId },
      })
    case 'not_committed':
      return new BudgetError({
        code: 'RESERVATION_SETTLED',
        message: 'only what was committed can be refunded',
        details: { requestId, field: 'status' },
      })
    default:
      return new BudgetError({
        code: 'REFUND_EXCEEDS_USED',
        message: 'more would be given back than was used',
        details: { adjustmentId },
      })
  }
}

function requireSigned(option: string, value: number): number {
  return typeof value === 'number' && value < 0
    ? -requireInteger(option, -value)
    : requireInteger(option, value)
}

function requireSome(tokens: number, micros: number): void {
  if (tokens === 0 && micros === 0)
    throw new InvalidOptionError('tokens', 'not 0 where there is no cost', tokens)
}

function requireSignedMicros(cost: Money): number {
  const { currency, micros } = requireObject('cost', cost)
  return typeof micros === 'bigint' && micros < 0n
    ? -requireMicros({ currency, micros: -micros })
    : requireMicros(cost)
}
