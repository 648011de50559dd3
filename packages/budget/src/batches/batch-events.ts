import { toBudgetState } from '../budget-state.ts'
import type { BudgetEvent, BudgetEventType } from '../events/budget-event.ts'
import type { AppliedBatch } from '../ledger/budget-ledger.ts'
import type { BudgetRow } from '../ledger/budget-row.ts'
import type { Reservation } from '../reservation.ts'
import type { BudgetFlight } from './budget-flight.ts'
import type { BudgetAnswer } from './budget-step.ts'

/** What a batch has to tell, of the types that anybody wants to hear. */
export function eventsOfBatch(
  applied: AppliedBatch,
  answers: ReadonlyMap<BudgetFlight, BudgetAnswer>,
  isWanted: (type: BudgetEventType) => boolean,
): BudgetEvent[] {
  const events: BudgetEvent[] = []
  for (const [{ step }, answer] of answers) {
    if (answer.kind !== 'done' || answer.isReplay || step.kind === 'extend') continue
    const { reservation, isExpiredNow } = answer
    // A hold that nobody swept expires in the commit that comes too late for it; both facts are told then.
    if (isExpiredNow && reservation.status === 'late' && isWanted('budget.expired')) {
      events.push({ type: 'budget.expired', at: applied.at, data: { reservation } })
    }
    if (isWanted(TYPES[reservation.status])) events.push(reservationEvent(reservation, applied.at))
  }
  if (isWanted('budget.softLimitReached')) events.push(...softLimitEvents(applied))
  if (isWanted('budget.exhausted')) events.push(...exhaustedEvents(applied, answers))
  return events
}

const TYPES: Readonly<Record<Reservation['status'], BudgetEventType>> = {
  held: 'budget.reserved',
  committed: 'budget.committed',
  released: 'budget.released',
  expired: 'budget.expired',
  late: 'budget.late',
}

/** The events of soft limits that were reached, of the arrays that a function of the ledger gave. */
export function softLimitEvents({
  at,
  soft_budget,
  soft_before,
  soft_reached,
  facts,
}: Pick<AppliedBatch, 'at' | 'soft_budget' | 'soft_before' | 'soft_reached' | 'facts'>): BudgetEvent[] {
  return (soft_budget ?? []).flatMap((id, index) => {
    const budget = budgetOf(facts, id)
    const before = soft_before?.[index] ?? 0
    const reached = soft_reached?.[index] ?? 0
    return budget.soft_limit_percents
      .filter((percent) => percent > before && percent <= reached)
      .map((percent) => {
        const data = { state: toBudgetState(budget, at), percent }
        return { type: 'budget.softLimitReached', at, data } as const
      })
  })
}

function reservationEvent(reservation: Reservation, at: Date): BudgetEvent {
  switch (reservation.status) {
    case 'held':
      return { type: 'budget.reserved', at, data: { reservation } }
    case 'committed':
      return { type: 'budget.committed', at, data: { reservation } }
    case 'released':
      return { type: 'budget.released', at, data: { reservation } }
    case 'expired':
      return { type: 'budget.expired', at, data: { reservation } }
    case 'late':
      return { type: 'budget.late', at, data: { reservation } }
  }
}

function exhaustedEvents(
  { at, exhausted, facts }: AppliedBatch,
  answers: ReadonlyMap<BudgetFlight, BudgetAnswer>,
): BudgetEvent[] {
  return (exhausted ?? []).map((id) => {
    const budget = budgetOf(facts, id)
    const data = {
      state: toBudgetState(budget, at),
      limitVersion: budget.limit_version,
      requestedTokens: tokensDeniedAt(budget.budget_id, answers),
    }
    return { type: 'budget.exhausted', at, data } as const
  })
}

function tokensDeniedAt(budgetId: number, answers: ReadonlyMap<BudgetFlight, BudgetAnswer>): number {
  for (const [{ step }, answer] of answers) {
    if (answer.kind !== 'no_room' || answer.budget.budget_id !== budgetId) continue
    if (step.kind === 'request') return step.request.tokens
    return step.kind === 'extend' ? (step.tokens ?? 0) : 0
  }
  return 0
}

function budgetOf(facts: AppliedBatch['facts'], id: bigint): BudgetRow {
  const found = facts?.find((row) => BigInt(row.budget_id) === id)
  if (found === undefined) throw new TypeError('the ledger names a budget that it does not describe')
  return found
}
