import type { Actor } from '@golden-arch/core/audit'
import type { PageOptions } from '@golden-arch/core/storage'
import type { OverrunPolicy } from './budget-controller-options.ts'
import type { BudgetScope } from './budget-scope.ts'
import type { PeriodSettings } from './periods/budget-period.ts'
import type { Money } from './pricing/money.ts'
import type { Usage } from './pricing/usage.ts'

/** The address of a reservation. */
export interface ReservationKey {
  readonly tenantId: string
  readonly requestId: string
}

/** Usage to charge. */
export interface CommitOrder extends ReservationKey {
  readonly usage: Usage
  /** Default: the controller's. */
  readonly overrun?: OverrunPolicy | undefined
}

/** More of a hold. Each end is absolute, so that asking twice changes nothing more. At least one is given. */
export interface ExtensionOrder extends ReservationKey {
  /** Let it live until this many milliseconds from now, 1 to 86400000; it never ends sooner than before. */
  readonly ttlMs?: number | undefined
  /** Hold this many tokens in all, 1 to 2^53 - 1; fewer than now changes nothing. */
  readonly tokens?: number | undefined
  /** Hold this much money in all, in the reservation's currency; less than now changes nothing. */
  readonly cost?: Money | undefined
}

/** Who decides, and why. */
export interface Responsibility {
  readonly actor: Actor
  /** 1 to 1000 characters. Default: none. */
  readonly reason?: string | undefined
}

/** What to set on a budget; what is left out stays as it is (in a new budget: not limited, without periods). */
export interface LimitOrder extends Responsibility {
  readonly scope: BudgetScope
  /** 0 to 2^53 - 1 tokens; null: not limited. It may be below what is used: then requests are denied. */
  readonly limitTokens?: number | null | undefined
  /** 0 to 2^53 - 1 micro-units; null: not limited. The currency of a budget never changes. */
  readonly limitMoney?: Money | null | undefined
  /** When it starts again from nothing. What was used so far counts in the period now in force. */
  readonly period?: PeriodSettings | undefined
  /** Percentages at which to warn, each once a period: at most 16, of 1 to 100. */
  readonly softLimitPercents?: readonly number[] | undefined
  /** Whether a budget that is there already stays as it is, as where a program makes sure that there is one. Default false. */
  readonly isOnlyIfAbsent?: boolean | undefined
}

/** A correction of what a scope used: at every budget that covers it, as a request is counted. */
export interface AdjustmentOrder extends Responsibility {
  /** 1 to 256 characters, unique within the tenant: the correction is made once for it. */
  readonly adjustmentId: string
  /** Needs a project. */
  readonly scope: BudgetScope
  /** Positive: charge more; negative: charge less. Default 0. */
  readonly tokens?: number | undefined
  /** As `tokens`, and of the same sign. Default: none. */
  readonly cost?: Money | undefined
  /** 1 to 1000 characters. */
  readonly reason: string
}

/** What to give back of a committed reservation. */
export interface RefundOrder extends Responsibility, ReservationKey {
  /** 1 to 256 characters, unique within the tenant: the refund is made once for it. */
  readonly adjustmentId: string
  /** 0 to what was charged and not refunded yet. Default 0. */
  readonly tokens?: number | undefined
  /** As `tokens`. Default: none. */
  readonly cost?: Money | undefined
  /** 1 to 1000 characters. */
  readonly reason: string
}

/** How one call runs. */
export interface CallOptions {
  /**
   * Stops waiting for the answer. What waits in the queue is taken back; what was sent takes effect all the same: ask
   * again with the same ids to learn how it ended.
   */
  readonly signal?: AbortSignal | undefined
}

/** Which page of the budgets below another. */
export interface BelowOptions extends CallOptions, PageOptions {}

/** From what a forecast takes its rate. */
export interface ForecastOptions extends CallOptions {
  /** Milliseconds back from now, 1000 to 2678400000 (31 days). Default 3600000 (1 hour). */
  readonly windowMs?: number | undefined
}

/** How much one sweep does. */
export interface SweepOptions extends CallOptions {
  /** Holds to expire at most, 1 to 10000. Default 500. */
  readonly limit?: number | undefined
  /** Default: all tenants. */
  readonly tenantId?: string | undefined
}

/** What retention takes. */
export interface RetentionOptions extends CallOptions {
  /** Milliseconds that movements and ended reservations are kept, at least 172800000 (2 days). Default 34560000000 (400 days). */
  readonly retentionMs?: number | undefined
  /** Movements, and reservations, to take at most, 1 to 100000. Default 5000. */
  readonly limit?: number | undefined
}
