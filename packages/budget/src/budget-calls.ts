import type { ActorKind } from '@golden-arch/core/audit'
import type { BudgetScope } from './budget-scope.ts'

/** The address of a reservation. */
export interface ReservationKey {
  readonly tenantId: string
  readonly requestId: string
}

/** A limit to set, and who sets it. */
export interface LimitOrder {
  readonly scope: BudgetScope
  /** 0 to 2^53 - 1 tokens. It may be below what is used: then requests are denied. */
  readonly limitTokens: number
  /** 1 to 256 characters: who decided. */
  readonly actor: string
  /** Default `'human'`. */
  readonly actorKind?: ActorKind
  /** 1 to 1000 characters. Default: none. */
  readonly reason?: string
}

/** How one call runs. */
export interface CallOptions {
  /** Stops waiting for the answer. What was sent may still take effect: ask again with the same ids. */
  readonly signal?: AbortSignal
}

/** How much one sweep does. */
export interface SweepOptions extends CallOptions {
  /** Holds to expire at most, 1 to 10000. Default 500. */
  readonly limit?: number
  /** Default: all tenants. */
  readonly tenantId?: string
}
