import { TimeError, withDeadline } from '@golden-arch/core/time'
import type { BudgetAnswer, RefusedAnswer } from '../batches/budget-step.ts'
import type { CallOptions } from '../budget-calls.ts'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'

/** Gives back some of the holds of a budget whose time has passed. */
export type Reclaim = (tenantId: string, budgetId: number) => Promise<void>

/** Whether a step was denied for the sake of holds whose time has passed. */
export function isReclaimable(answer: BudgetAnswer): answer is RefusedAnswer {
  return answer.kind === 'no_room' && answer.isReclaimable
}

/** Makes room: a denial is final only when no hold whose time has passed stands in the way. */
export class RoomReclaimer {
  readonly #options: Pick<ResolvedBudgetControllerOptions, 'clock' | 'operationTimeoutMs'>
  readonly #reclaim: Reclaim
  readonly #underWay = new Map<number, Promise<void>>()

  constructor(
    options: Pick<ResolvedBudgetControllerOptions, 'clock' | 'operationTimeoutMs'>,
    reclaim: Reclaim,
  ) {
    this.#options = options
    this.#reclaim = reclaim
  }

  /**
   * Gives the answer to `ask`, which is asked again after each turn of making room, until it finds room or no such hold
   * is left; `first` is the answer already there, if any.
   * @throws TimeError `DEADLINE_EXCEEDED` (retryable) when that takes longer than a call may, `ABORTED`; what `ask` throws.
   */
  async answer(
    tenantId: string,
    ask: () => Promise<BudgetAnswer>,
    { signal }: CallOptions,
    first?: BudgetAnswer,
  ): Promise<BudgetAnswer> {
    const { clock, operationTimeoutMs } = this.#options
    const startedAtMs = clock.monotonicMs()
    let answer = first ?? (await ask())
    while (isReclaimable(answer)) {
      const timeoutMs = operationTimeoutMs - (clock.monotonicMs() - startedAtMs)
      if (timeoutMs <= 0) throw TimeError.deadlineExceeded(operationTimeoutMs)
      const deadline = { timeoutMs, clock, signal }
      const { budget_id: budgetId } = answer.budget
      await withDeadline(deadline, () => this.#makeRoom(tenantId, budgetId))
      answer = await ask()
    }
    return answer
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
