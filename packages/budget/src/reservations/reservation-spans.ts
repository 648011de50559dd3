import type { Span, Tracer } from '@golden-arch/core/observability'
import type { CallOptions, CommitOrder, ExtensionOrder, ReservationKey } from '../budget-calls.ts'
import type { BudgetDecision, BudgetSettlement, ExtensionDecision } from '../budget-decision.ts'
import type { BudgetRequest } from '../budget-request.ts'
import type { ReservationDesk } from './reservation-desk.ts'

/** What is done with a reservation. */
export type ReservationActs = Pick<ReservationDesk, 'request' | 'commit' | 'release' | 'extend'>

/** A desk whose every act is a span of its own, with its outcome; how long an act takes is mostly the wait for its batch. */
export class ReservationSpans implements ReservationActs {
  readonly #desk: ReservationActs
  readonly #tracer: Tracer

  constructor(desk: ReservationActs, tracer: Tracer) {
    this.#desk = desk
    this.#tracer = tracer
  }

  request(request: BudgetRequest, options: CallOptions): Promise<BudgetDecision> {
    return this.#tracer.trace('budget request', {}, async (span) => {
      describeKey(span, request)
      const decision = await this.#desk.request(request, options)
      describeOutcome(span, decision.status)
      return decision
    })
  }

  commit(order: CommitOrder, options: CallOptions): Promise<BudgetSettlement> {
    return this.#settle('budget commit', order, () => this.#desk.commit(order, options))
  }

  release(key: ReservationKey, options: CallOptions): Promise<BudgetSettlement> {
    return this.#settle('budget release', key, () => this.#desk.release(key, options))
  }

  extend(order: ExtensionOrder, options: CallOptions): Promise<ExtensionDecision> {
    return this.#tracer.trace('budget extend', {}, async (span) => {
      describeKey(span, order)
      const decision = await this.#desk.extend(order, options)
      describeOutcome(span, decision.status)
      return decision
    })
  }

  #settle(
    name: string,
    key: ReservationKey,
    settle: () => Promise<BudgetSettlement>,
  ): Promise<BudgetSettlement> {
    return this.#tracer.trace(name, {}, async (span) => {
      describeKey(span, key)
      const settlement = await settle()
      describeOutcome(span, settlement.reservation.status)
      return settlement
    })
  }
}

function describeKey(span: Span, key: ReservationKey): void {
  // A key that is none is refused by the act itself.
  if (!span.isRecording || typeof key?.tenantId !== 'string' || typeof key.requestId !== 'string') return
  span.setAttributes({
    'golden_arch.tenant_id': key.tenantId,
    'golden_arch.budget.request_id': key.requestId,
  })
}

function describeOutcome(span: Span, outcome: string): void {
  if (span.isRecording) span.setAttributes({ 'golden_arch.budget.outcome': outcome })
}
