import type { Clock } from '@golden-arch/core/time'
import type { BudgetLease } from '../leases/budget-lease.ts'
import { isUnchargedFailure } from './uncharged-failure.ts'

/**
 * What the model answers. Where it fails in a way that shows that it was not asked, the hold goes back. `failureIn` finds the
 * failure in what a framework throws in its place.
 */
export async function askModel<T>(
  lease: Pick<BudgetLease, 'reportNotSent'>,
  clock: Pick<Clock, 'now'>,
  ask: () => T | PromiseLike<T>,
  failureIn: (error: unknown) => unknown = (error) => error,
): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (isUnchargedFailure(failureIn(error), clock.now())) lease.reportNotSent()
    throw error
  }
}
