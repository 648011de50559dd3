import { TimeError, withDeadline } from '@golden-arch/core/time'
import type { CallOptions } from './budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from './budget-controller-options.ts'
import type { BudgetAnswer } from './budget-step.ts'

/** Gives back some of the holds of a budget whose time has passed. */
export type Reclaim = (tenantId: string, budgetId: number) => Promise<void>

/** Makes room: a denial is final only when no hold whose time has passed stands in the way. */
export class RoomReclaimer {
  readonly #options: Pick<ResolvedBudgetControllerOptions, 'timing' | 'operationTimeoutMs'>
  readonly #reclaim: Reclaim
  readonly #underWay = new Map<number, Promise<void>>()

  constructor(
    options: Pick<ResolvedBudgetControllerOptions, 'timing' | 'operationTimeoutMs'>,
    reclaim: Reclaim,
  ) {
    this.#options = options
    this.#reclaim = reclaim
  }

  /**
   * Gives the answer to `ask`, which is asked again after each turn of making room, until it finds room or no such hold
   * is left.
   * @throws TimeError `DEADLINE_EXCEEDED` (retryable) when that takes longer than a call may, `ABORTED`; what `ask` throws.
   */
  async answer(
    tenantId: string,
    ask: () => Promise<BudgetAnswer>,
    { signal }: CallOptions,
  ): Promise<BudgetAnswer> {
    const { timing, operationTimeoutMs } = this.#options
    const startedAtMs = timing.monotonicMs()
    for (;;) {
      const answer = await ask()
      if (answer.kind !== 'no_room' || !answer.isReclaimable) return answer
      const timeoutMs = operationTimeoutMs - (timing.monotonicMs() - startedAtMs)
      if (timeoutMs <= 0) throw TimeError.deadlineExceeded(operationTimeoutMs)
      const deadline = { timeoutMs, clock: timing, ...(signal === undefined ? {} : { signal }) }
      await withDeadline(deadline, () => this.#makeRoom(tenantId, answer.budget.budget_id))
    }
  }

  /** Many are denied at once for the same holds: one turn serves them all. */
  #makeRoom(tenantId: string, budgetId: number): Promise<void> {
    const present = this.#underWay.get(budgetId)
    if (present !== undefined) return present
    const turn = this.#reclaim(tenantId, budgetId).finally(() => this.#underWay.delete(budgetId))
    this.#underWay.set(budgetId, turn)
    return turn
  }
}
