import { isDeepStrictEqual } from 'node:util'
import { requireActor } from '@golden-arch/core/audit'
import {
  InvalidOptionError,
  requireFlag,
  requireInteger,
  requireObject,
  requireText,
} from '@golden-arch/core/errors'
import type { EventListeners } from '@golden-arch/core/observability'
import { type Page, pageBounds, pageOf, type SqlTransaction } from '@golden-arch/core/storage'
import { softLimitEvents } from '../batches/batch-events.ts'
import type { BelowOptions, CallOptions, ForecastOptions, LimitOrder } from '../budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import { budgetNotFound, currencyMismatch } from '../budget-refusals.ts'
import { requireMicros } from '../budget-request.ts'
import { type BudgetScope, levelOf, requireScope } from '../budget-scope.ts'
import { type BudgetForecast, type BudgetState, type LimitChange, toBudgetState } from '../budget-state.ts'
import type { BudgetCache } from '../cache/budget-cache.ts'
import { toEnvelope } from '../events/budget-envelope.ts'
import type { BudgetEventMap } from '../events/budget-event.ts'
import {
  type LedgerCall,
  type LimitAnswer,
  type ResolvedLimits,
  readBudget,
  readBudgetsBelow,
  readRecentUse,
  setLimitInLedger,
} from '../ledger/budget-ledger.ts'
import { type BudgetRow, periodSettingsOf } from '../ledger/budget-row.ts'
import type { LedgerCallRunner } from '../ledger/ledger-call-runner.ts'
import {
  type BudgetPeriod,
  type PeriodSettings,
  periodBounds,
  requirePeriodSettings,
} from '../periods/budget-period.ts'
import { beginPeriods } from '../periods/period-turn.ts'
import type { Money } from '../pricing/money.ts'
import { requireSoftLimits } from './soft-limit.ts'

const MAX_TURNS = 5
const DEFAULT_WINDOW_MS = 3_600_000
const MAX_WINDOW_MS = 2_678_400_000
/** A forecast looks at no more movements than this, so that a busy tenant's stays cheap. */
const MAX_MOVEMENTS = 50_000

/** Limits of budgets, and what they have come to. */
export class LimitDesk {
  readonly #options: ResolvedBudgetControllerOptions
  readonly #runner: LedgerCallRunner
  readonly #cache: BudgetCache
  readonly #listeners: EventListeners<BudgetEventMap>

  constructor(
    options: ResolvedBudgetControllerOptions,
    runner: LedgerCallRunner,
    cache: BudgetCache,
    listeners: EventListeners<BudgetEventMap>,
  ) {
    this.#options = options
    this.#runner = runner
    this.#cache = cache
    this.#listeners = listeners
  }

  async setLimit(order: LimitOrder, options: CallOptions): Promise<LimitChange> {
    const limits = resolveLimits(order)
    const { change, events } = await this.#runner.run('setLimit', options, async (call, tx) => {
      const { answer, at } = await setInPeriod(call, limits)
      const previous = answer.is_new ? undefined : answer.previous
      const change: LimitChange = {
        state: toBudgetState(answer.budget, at),
        previousLimitTokens: previous?.limit_tokens,
        previousLimitMoney:
          previous === undefined ? undefined : moneyOf(previous.currency, previous.limit_micros),
      }
      // A budget that was there already stays as it is, and nothing is told.
      if (limits.isOnlyIfAbsent && !answer.is_new) return { change, events: [] }
      await this.#audit(tx, order, limits, change)
      const events = softLimitEvents({ ...answer, at, facts: [answer.budget] })
      const { outbox, outboxEvents } = this.#options
      if (tx !== undefined && events.length > 0 && outboxEvents.has('budget.softLimitReached')) {
        await outbox?.append(tx, events.map(toEnvelope))
      }
      return { change, events }
    })
    await this.#cache.dropState(limits.scope)
    for (const event of events) this.#listeners.tell(event.type, event.data, event.at)
    return change
  }

  /** Gives a project the default limit if it has none yet. */
  async ensureDefault({ tenantId, projectId }: BudgetScope, options: CallOptions): Promise<void> {
    const limits: ResolvedLimits = {
      scope: { tenantId, projectId },
      isOnlyIfAbsent: true,
      limitTokens: this.#options.defaultLimitTokens,
      limitMicros: undefined,
      currency: undefined,
      period: undefined,
      softLimitPercents: undefined,
      actor: 'default-limit',
      reason: undefined,
    }
    await this.#runner.run('setLimit', options, (call) => setInPeriod(call, limits))
  }

  async state(scope: BudgetScope, options: CallOptions): Promise<BudgetState> {
    const wanted = requireScope(scope)
    const cached = this.#options.cache === undefined ? undefined : await this.#cache.getState(wanted)
    if (cached !== undefined) return toBudgetState(cached, this.#options.clock.now())
    return this.#runner.run('state', options, async (call) => {
      const { at, budget } = await readBudget(call, wanted)
      if (budget !== undefined) {
        this.#cache.putState(wanted, budget)
        return toBudgetState(budget, at)
      }
      const limitTokens = this.#options.defaultLimitTokens
      if (limitTokens === undefined || levelOf(wanted) !== 'project') throw budgetNotFound(wanted)
      return unusedState(wanted, limitTokens, at)
    })
  }

  async below(scope: BudgetScope, options: BelowOptions): Promise<Page<BudgetState>> {
    const wanted = requireScope(scope)
    const level = levelOf(wanted)
    if (level !== 'tenant' && level !== 'project')
      throw new InvalidOptionError('scope', 'that of a tenant or a project', scope)
    const { limit, position } = pageBounds(options)
    return this.#runner.run('state', options, async (call) => {
      const rows = await readBudgetsBelow(call, { scope: wanted, limit: limit + 1, beforeId: position })
      const stateOf = ({ budget, at }: (typeof rows)[number]): BudgetState => toBudgetState(budget, at)
      return pageOf(rows, limit, stateOf, ({ budget }) => BigInt(budget.budget_id))
    })
  }

  async forecast(scope: BudgetScope, options: ForecastOptions): Promise<BudgetForecast> {
    const wanted = requireScope(scope)
    const bounds = { min: 1000, max: MAX_WINDOW_MS }
    const windowMs = requireInteger('windowMs', options.windowMs ?? DEFAULT_WINDOW_MS, bounds)
    return this.#runner.run('forecast', options, async (call) => {
      const { at, budget, since, tokens, micros } = await readRecentUse(call, wanted, windowMs, MAX_MOVEMENTS)
      if (budget === null) throw budgetNotFound(wanted)
      return toBudgetState(budget, at, { since, tokens, micros }).forecast
    })
  }

  async #audit(
    tx: SqlTransaction | undefined,
    order: LimitOrder,
    { scope, limitTokens, limitMicros, currency, period, softLimitPercents, reason }: ResolvedLimits,
    { previousLimitTokens, previousLimitMoney }: LimitChange,
  ): Promise<void> {
    if (tx === undefined) return
    const details = {
      scope,
      limitTokens,
      limitMicros,
      currency,
      period,
      softLimitPercents,
      previousLimitTokens,
      previousLimitMicros: previousLimitMoney == null ? undefined : Number(previousLimitMoney.micros),
      reason,
    }
    await this.#options.audit?.append(tx, {
      tenantId: scope.tenantId,
      actor: order.actor,
      action: 'budget.setLimit',
      resource: `budget/${levelOf(scope)}`,
      outcome: 'allowed',
      details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
    })
  }
}

async function setInPeriod(
  call: LedgerCall,
  limits: ResolvedLimits,
): Promise<{ readonly answer: LimitAnswer; readonly at: Date }> {
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    const { at, budget } = await readBudget(call, limits.scope)
    // One that is there is left without a lock; the statement below decides where it comes meanwhile.
    if (limits.isOnlyIfAbsent && budget !== undefined) return { answer: untouched(budget), at }
    const period = newPeriod(limits.period, budget)
    const answer = await setLimitInLedger(call, { ...limits, period }, periodFrom(period, at))
    if (answer.outcome === 'set') return { answer, at }
    if (answer.outcome === 'currency_mismatch') {
      const known = answer.budget.currency ?? ''
      throw currencyMismatch(limits.scope, [known, limits.currency ?? known])
    }
    await beginPeriods(call, [answer.budget], at)
  }
  throw new TypeError('the periods of a budget end faster than they begin')
}

/** What setting answers where nothing was set. */
function untouched(budget: BudgetRow): LimitAnswer {
  const noneReached = { soft_budget: null, soft_before: null, soft_reached: null }
  return { outcome: 'set', budget, previous: budget, is_new: false, ...noneReached }
}

/** Settings that stand already are left alone, else a rolling window would open anew each time they are said. */
function newPeriod(
  settings: PeriodSettings | undefined,
  budget: BudgetRow | undefined,
): PeriodSettings | undefined {
  if (settings === undefined || budget === undefined) return settings
  return isDeepStrictEqual(settings, periodSettingsOf(budget)) ? undefined : settings
}

/** Counting without an end goes on from now; it needs no beginning in the past. */
function periodFrom(settings: PeriodSettings | undefined, at: Date): BudgetPeriod | undefined {
  if (settings === undefined) return undefined
  return settings.kind === 'none' ? { startsAt: at, endsAt: null } : periodBounds(settings, at)
}

function resolveLimits(order: LimitOrder): ResolvedLimits {
  const {
    limitTokens,
    limitMoney,
    period,
    softLimitPercents,
    isOnlyIfAbsent = false,
    reason,
  } = requireObject('order', order)
  if (
    limitTokens === undefined &&
    limitMoney === undefined &&
    period === undefined &&
    softLimitPercents === undefined
  ) {
    throw new InvalidOptionError('limitTokens', 'given where nothing else is set', limitTokens)
  }
  return {
    scope: requireScope(order.scope),
    isOnlyIfAbsent: requireFlag('isOnlyIfAbsent', isOnlyIfAbsent),
    limitTokens: limitTokens == null ? limitTokens : requireInteger('limitTokens', limitTokens),
    limitMicros: limitMoney == null ? limitMoney : requireMicros(limitMoney, 'limitMoney'),
    currency: limitMoney?.currency,
    period: period === undefined ? undefined : requirePeriodSettings(period),
    softLimitPercents: softLimitPercents === undefined ? undefined : requireSoftLimits(softLimitPercents),
    actor: requireActor(order.actor).id,
    reason: reason === undefined ? undefined : requireText('reason', reason, 1000),
  }
}

function moneyOf(currency: string | null, micros: number | null): Money | null {
  return currency === null || micros === null ? null : { currency, micros: BigInt(micros) }
}

/** A project that will get the default limit on first use. */
function unusedState(scope: BudgetScope, limitTokens: number, at: Date): BudgetState {
  return {
    scope,
    level: levelOf(scope),
    limitTokens,
    usedTokens: 0,
    reservedTokens: 0,
    availableTokens: limitTokens,
    periodSettings: { kind: 'none' },
    period: { startsAt: at, endsAt: null },
    resetsAt: null,
    softLimitPercents: [],
    forecast: { tokens: { exhaustsAt: null, ratePerHour: 0, basis: 'period' } },
  }
}
