import { createHash } from 'node:crypto'
import { createEvent, type EventEnvelope } from '@golden-arch/core/events'
import type { BudgetScope } from './budget-scope.ts'
import type { BudgetState } from './budget-state.ts'
import type { ExpiredReservation, LateReservation } from './reservation.ts'

const SOURCE = 'budget'

/** A hold that nobody settled was given back. */
export function budgetExpired(reservation: ExpiredReservation | LateReservation): EventEnvelope {
  const { scope, requestId, tokens, expiredAt } = reservation
  return reservationEvent('budget.expired', scope, requestId, { scope, requestId, tokens }, expiredAt)
}

/** Usage was charged after the hold had expired. */
export function budgetLate(reservation: LateReservation): EventEnvelope {
  const { scope, requestId, tokens, usedTokens, usageBasis, committedAt } = reservation
  const data = { scope, requestId, tokens, usedTokens, usageBasis }
  return reservationEvent('budget.late', scope, requestId, data, committedAt)
}

/**
 * A request was denied for want of room. The id is made of the scope and the version of its limit, so an outbox
 * keeps the first such event after each change of the limit.
 */
export function budgetExhausted(
  state: BudgetState,
  limitVersion: bigint,
  requestedTokens: number,
  at: Date,
): EventEnvelope {
  const { scope, level, limitTokens, availableTokens } = state
  const type = 'budget.exhausted'
  return createEvent(
    {
      id: eventId(type, scopeParts(scope), String(limitVersion)),
      source: SOURCE,
      type,
      tenantId: scope.tenantId,
      subject: scope.projectId ?? scope.tenantId,
      data: { scope, level, limitTokens, availableTokens, requestedTokens },
    },
    at,
  )
}

function reservationEvent(
  type: string,
  scope: BudgetScope,
  requestId: string,
  data: object,
  at: Date,
): EventEnvelope {
  const id = eventId(type, [scope.tenantId], requestId)
  const subject = scope.projectId ?? scope.tenantId
  return createEvent({ id, source: SOURCE, type, tenantId: scope.tenantId, subject, data }, at)
}

/** The same fact has the same id however often it is told. */
function eventId(type: string, parts: readonly string[], last: string): string {
  return `${type}:${createHash('sha256')
    .update(JSON.stringify([...parts, last]))
    .digest('hex')}`
}

function scopeParts(scope: BudgetScope): readonly string[] {
  return [scope.tenantId, scope.projectId ?? '', scope.taskId ?? '', scope.agentId ?? '']
}
