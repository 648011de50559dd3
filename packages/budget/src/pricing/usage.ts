import { InvalidOptionError, requireInteger } from '@golden-arch/core/errors'
import { requireMicros } from '../budget-request.ts'
import type { ReservationRow } from '../ledger/reservation-row.ts'
import type { UsageBasis } from '../reservation.ts'
import { actualCost } from './call-cost.ts'
import { type ModelUsage, partUsage } from './model-usage.ts'
import type { Money } from './money.ts'
import type { PriceTable } from './price-table.ts'

/** The total that a call used. */
export interface TotalUsage {
  /** 0 to 2^53 - 1. Undefined, as some providers leave it: as many as were held, marked as an estimate. */
  readonly totalTokens: number | undefined
  /** What it cost. Default: as much money as was held. */
  readonly cost?: Money | undefined
}

/**
 * What a call used: its total; its parts, priced where the request named a model, by the prices that were in force when
 * it was held (else by those now in force, else as the money held); or `unknown`, which settles as what was held and
 * marks it so. Parts of which some are missing settle as what was held or what is known, whichever is more.
 */
export type Usage = TotalUsage | ModelUsage | 'unknown'

/** Usage as the code may rely on it. Undefined: as much as was held. */
export interface ResolvedUsage {
  readonly tokens: number | undefined
  readonly micros: number | undefined
  readonly currency: string | undefined
  readonly basis: UsageBasis
  /** What an estimate knows for certain, where that is anything: it may be more than was held. */
  readonly known: KnownUsage | undefined
  /** Whether `micros` follows from a price table, which may be another one when the usage is reported again. */
  readonly isPricedHere: boolean
}

/** The part of usage that is known. */
export interface KnownUsage {
  readonly tokens: number
  /** 0 where it has no price. */
  readonly micros: number
}

/** The model that a call was priced by, and the prices that it is charged by. */
export interface UsagePricing {
  readonly model: string
  readonly prices: PriceTable
}

const UNKNOWN: ResolvedUsage = {
  tokens: undefined,
  micros: undefined,
  currency: undefined,
  basis: 'estimate',
  known: undefined,
  isPricedHere: false,
}

/** Whether usage comes in parts, whose price depends on the model. */
export function isModelUsage(usage: Usage): usage is ModelUsage {
  return (
    typeof usage === 'object' &&
    usage !== null &&
    (!('cost' in usage) || usage.cost === undefined) &&
    (!('totalTokens' in usage) || usage.totalTokens === undefined)
  )
}

/**
 * Checks reported usage. Parts that are not fully known settle as what was held.
 * @throws InvalidOptionError `INVALID_OPTION` naming the field, the rule and the value; BudgetError `UNKNOWN_MODEL`,
 * `MONEY_OUT_OF_RANGE`.
 */
export function resolveUsage(usage: Usage, pricing?: UsagePricing): ResolvedUsage {
  if (usage === 'unknown') return UNKNOWN
  if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) {
    throw new InvalidOptionError('usage', "an object with totalTokens or with parts, or 'unknown'", usage)
  }
  if (!isModelUsage(usage)) {
    const { cost, totalTokens } = usage
    return {
      tokens: totalTokens === undefined ? undefined : requireInteger('usage.totalTokens', totalTokens),
      micros: cost === undefined ? undefined : requireMicros(cost, 'usage.cost'),
      currency: cost?.currency,
      basis: totalTokens === undefined ? 'estimate' : 'actual',
      known: undefined,
      isPricedHere: false,
    }
  }
  if (pricing === undefined) {
    const { total, basis } = partUsage(usage)
    return basis === 'estimate' ? knownInPart(total, 0) : { ...UNKNOWN, tokens: total, basis }
  }
  const { cost, tokens, basis } = actualCost(pricing.prices, { model: pricing.model, usage })
  const micros = requireMicros(cost)
  if (basis === 'estimate')
    return { ...knownInPart(tokens, micros), currency: cost.currency, isPricedHere: true }
  return { tokens, micros, currency: cost.currency, basis, known: undefined, isPricedHere: true }
}

function knownInPart(tokens: number, micros: number): ResolvedUsage {
  return tokens === 0 && micros === 0 ? UNKNOWN : { ...UNKNOWN, known: { tokens, micros } }
}

/**
 * Usage as it is charged to a hold: an estimate is the hold, or what is known where that is more. Where overruns are
 * capped it is the hold.
 */
export function usageOfHold(
  usage: ResolvedUsage,
  held: { readonly tokens: number; readonly micros: number },
  isCapped: boolean,
): ResolvedUsage {
  const { known } = usage
  if (known === undefined) return usage
  return {
    ...usage,
    tokens: !isCapped && known.tokens > held.tokens ? known.tokens : undefined,
    micros: !isCapped && known.micros > held.micros ? known.micros : undefined,
    known: undefined,
  }
}

/** Whether the reservation of a row was committed with this very usage. */
export function isCommittedWith(row: ReservationRow, usage: ResolvedUsage): boolean {
  if (row.status !== 'committed' && row.status !== 'late') return false
  return (
    row.usage_basis === usage.basis &&
    row.reported_tokens === BigInt(usage.tokens ?? row.tokens) &&
    (usage.isPricedHere || row.reported_micros === BigInt(usage.micros ?? row.micros))
  )
}
