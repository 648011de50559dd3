import { requireInteger } from '@golden-arch/core/errors'
import type { UsageBasis } from '../reservation.ts'
import { type ModelUsage, partUsage } from './model-usage.ts'
import { type Money, money } from './money.ts'
import { type ModelPrice, type PriceTable, priceOf, type TokenRates } from './price-table.ts'

/** A call before it is made. */
export interface PlannedCall {
  readonly model: string
  /** 0 to 2^53 - 1, cached ones counted. */
  readonly inputTokens: number
  /** 0 to 2^53 - 1, reasoning counted. */
  readonly maxOutputTokens: number
}

/** A call after it was made. */
export interface FinishedCall {
  readonly model: string
  readonly usage: ModelUsage
}

/** What a call used. */
export interface CallCost {
  readonly cost: Money
  readonly tokens: number
  /** `estimate`: the usage is not fully known, and `cost` and `tokens` are only the part that is. */
  readonly basis: UsageBasis
}

const TOKENS_PER_RATE = 1_000_000n

/**
 * The most that the call can cost: each token at the dearest rate of its side, in the dearest tier within reach. So
 * usage within the plan never exceeds the hold. Rounded up to a whole micro-unit, once for the call.
 * @throws BudgetError `UNKNOWN_MODEL`, `MONEY_OUT_OF_RANGE`; InvalidOptionError `INVALID_OPTION`.
 */
export function estimateCost(prices: PriceTable, call: PlannedCall): Money {
  const inputTokens = requireInteger('inputTokens', call.inputTokens)
  const outputTokens = requireInteger('maxOutputTokens', call.maxOutputTokens)
  const price = priceOf(prices, call.model)
  const within = [price, ...price.tiers.filter((tier) => inputTokens > tier.aboveInputTokens)]
  const input = dearest(within.flatMap((rates) => [rates.input, rates.cachedRead, rates.cachedWrite]))
  const output = dearest(within.flatMap((rates) => [rates.output, rates.reasoning]))
  return charge(prices, price, BigInt(inputTokens) * input + BigInt(outputTokens) * output)
}

/**
 * What the call cost: each token once, at the rates of the tier that its whole input falls in, and the fee. Rounded
 * up to a whole micro-unit, once for the call.
 * @throws BudgetError `UNKNOWN_MODEL`, `MONEY_OUT_OF_RANGE`; InvalidOptionError `INVALID_OPTION`.
 */
export function actualCost(prices: PriceTable, call: FinishedCall): CallCost {
  const parts = partUsage(call.usage)
  const price = priceOf(prices, call.model)
  const rates = ratesFor(price, parts.uncachedInput + parts.cachedRead + parts.cachedWrite)
  const cost = charge(
    prices,
    price,
    BigInt(parts.uncachedInput) * rates.input +
      BigInt(parts.cachedRead) * rates.cachedRead +
      BigInt(parts.cachedWrite) * rates.cachedWrite +
      BigInt(parts.answer) * rates.output +
      BigInt(parts.reasoning) * rates.reasoning,
  )
  return { cost, tokens: parts.total, basis: parts.basis }
}

function ratesFor(price: ModelPrice, inputTokens: number): TokenRates {
  return price.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens) ?? price
}

function dearest(rates: readonly bigint[]): bigint {
  let most = 0n
  for (const rate of rates) if (rate > most) most = rate
  return most
}

function charge(prices: PriceTable, price: ModelPrice, tokensTimesRate: bigint): Money {
  const roundedUp = (tokensTimesRate + TOKENS_PER_RATE - 1n) / TOKENS_PER_RATE
  return money(prices.currency, price.perRequest + roundedUp)
}
