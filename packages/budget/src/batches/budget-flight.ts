import type { BudgetAnswer, BudgetStep } from './budget-step.ts'

/** A caller that waits for an answer. */
export interface Waiter {
  readonly resolve: (answer: BudgetAnswer) => void
  readonly reject: (error: unknown) => void
}

/** A step on its way to the ledger, with all who wait for its answer. A reservation has one flight at a time. */
export interface BudgetFlight {
  /** Tenant and request id in one text. */
  readonly key: string
  readonly tenantId: string
  readonly requestId: string
  readonly step: BudgetStep
  /** On the monotonic clock. */
  readonly startedAtMs: number
  /** The first is who asked; the others asked the same meanwhile. */
  readonly waiters: Waiter[]
  state: 'queued' | 'sent' | 'ended'
  /** Called once, when the answer is there or nobody waits for it any more. */
  readonly onEnd: (flight: BudgetFlight) => void
}

/** One text for a reservation's address: ids hold no control characters. */
export function reservationKey(tenantId: string, requestId: string): string {
  return `${tenantId}\n${requestId}`
}

/** Answers all who wait; to all but the first it is a replay. */
export function answerFlight(flight: BudgetFlight, answer: BudgetAnswer): void {
  flight.state = 'ended'
  const { waiters } = flight
  waiters[0]?.resolve(answer)
  if (waiters.length > 1) answerOthers(waiters.slice(1), answer)
  flight.onEnd(flight)
}

function answerOthers(others: readonly Waiter[], answer: BudgetAnswer): void {
  const again = answer.kind === 'done' ? { ...answer, isReplay: true } : answer
  for (const waiter of others) waiter.resolve(again)
}

/** Fails all who wait. */
export function failFlight(flight: BudgetFlight, error: unknown): void {
  flight.state = 'ended'
  for (const waiter of flight.waiters) waiter.reject(error)
  flight.onEnd(flight)
}
