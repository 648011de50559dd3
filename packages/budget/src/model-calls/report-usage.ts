import type { BudgetLease } from '../leases/budget-lease.ts'
import type { ModelUsage } from '../pricing/model-usage.ts'

/**
 * Reports what is known of a call's usage. Where that is nothing, nothing is reported, and the hold is settled by policy.
 * @throws InvalidOptionError `INVALID_OPTION` on usage that makes no sense.
 */
export function reportUsage(lease: Pick<BudgetLease, 'reportUsage'>, usage: ModelUsage | undefined): void {
  if (usage?.inputTokens !== undefined || usage?.outputTokens !== undefined) lease.reportUsage(usage)
}
