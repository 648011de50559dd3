import { createHash } from 'node:crypto'
import { createEvent, type EventEnvelope } from '@golden-arch/core/events'
import type { BudgetScope } from '../budget-scope.ts'
import type { MoneyState } from '../budget-state.ts'
import { scopeKey } from '../ledger/budget-row.ts'
import type { Money } from '../pricing/money.ts'
import type { Reservation } from '../reservation.ts'
import type { BudgetEvent } from './budget-event.ts'

const SOURCE = 'budget'

/** An event as the outbox takes it. The same fact has the same id however often it is told; money is JSON text. */
export function toEnvelope(event: BudgetEvent): EventEnvelope {
  switch (event.type) {
    case 'budget.softLimitReached': {
      const { state, percent } = event.data
      const data = { ...stateData(event.data.state), percent }
      const parts = [state.period.startsAt.toISOString(), String(percent)]
      return envelope(event, state.scope, parts, data)
    }
    case 'budget.exhausted': {
      const { state, limitVersion, requestedTokens } = event.data
      const parts = [state.period.startsAt.toISOString(), String(limitVersion)]
      return envelope(event, state.scope, parts, { ...stateData(state), requestedTokens })
    }
    default: {
      const { reservation } = event.data
      const { scope, requestId } = reservation
      return envelope(event, { tenantId: scope.tenantId }, [requestId], reservationData(reservation), scope)
    }
  }
}

function envelope(
  event: BudgetEvent,
  about: BudgetScope,
  parts: readonly string[],
  data: object,
  scope: BudgetScope = about,
): EventEnvelope {
  const digest = createHash('sha256').update(JSON.stringify([...scopeKey(about), ...parts]))
  return createEvent(
    {
      id: `${event.type}:${digest.digest('hex')}`,
      source: SOURCE,
      type: event.type,
      tenantId: scope.tenantId,
      subject: scope.projectId ?? scope.tenantId,
      data,
    },
    event.at,
  )
}

function reservationData(reservation: Reservation): object {
  const { scope, requestId, tokens, cost, model } = reservation
  const isCharged = reservation.status === 'committed' || reservation.status === 'late'
  return {
    scope,
    requestId,
    tokens,
    ...(cost === undefined ? {} : { cost: moneyData(cost) }),
    ...(model === undefined ? {} : { model }),
    ...(isCharged ? { usedTokens: reservation.usedTokens, usageBasis: reservation.usageBasis } : {}),
    ...(isCharged && reservation.usedCost !== undefined ? { usedCost: moneyData(reservation.usedCost) } : {}),
  }
}

function stateData({
  scope,
  level,
  limitTokens,
  usedTokens,
  availableTokens,
  money,
  resetsAt,
}: Extract<BudgetEvent, { type: 'budget.exhausted' }>['data']['state']): object {
  return {
    scope,
    level,
    limitTokens,
    usedTokens,
    availableTokens,
    ...(money === undefined ? {} : { money: moneyStateData(money) }),
    resetsAt: resetsAt?.toISOString() ?? null,
  }
}

function moneyStateData({ limit, used, reserved, available }: MoneyState): object {
  return {
    limit: limit === null ? null : moneyData(limit),
    used: moneyData(used),
    reserved: moneyData(reserved),
    available: available === null ? null : moneyData(available),
  }
}

function moneyData({ currency, micros }: Money): object {
  return { currency, micros: String(micros) }
}
