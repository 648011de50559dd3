import { InvalidOptionError, requireInteger, requireObject, requireText } from '@golden-arch/core/errors'
import { BudgetError } from '../budget-error.ts'
import { requireCurrency } from './money.ts'

/** Prices of the kinds of tokens, each in micro-units per million tokens: 2.50 USD per million is 2500000n. */
export interface TokenRates {
  readonly input: bigint
  readonly output: bigint
  /** Input that the provider read from its cache. */
  readonly cachedRead: bigint
  /** Input that the provider wrote to its cache. */
  readonly cachedWrite: bigint
  /** Output that the model spent on reasoning. */
  readonly reasoning: bigint
}

/** Rates for long contexts. */
export interface PriceTier extends TokenRates {
  /** These rates hold for the whole of a call with more input tokens than this, cached ones counted. */
  readonly aboveInputTokens: number
}

/** What calls to one model cost. */
export interface ModelPrice extends TokenRates {
  /** Micro-units for each call, whatever its tokens. */
  readonly perRequest: bigint
  /** By `aboveInputTokens`, ascending; empty where one price holds for any length. */
  readonly tiers: readonly PriceTier[]
}

/** A version of the prices of models, checked and complete. Made by {@link createPriceTable}. */
export interface PriceTable {
  readonly version: string
  /** From this instant on it holds, until a later table does. */
  readonly effectiveFrom: Date
  /** ISO 4217 code of every price in it. */
  readonly currency: string
  readonly models: ReadonlyMap<string, ModelPrice>
  /** For models that it does not name; undefined: they are refused. */
  readonly default: ModelPrice | undefined
}

/** An integer of micro-units, 0 to 10^15. A number must be an integer: write 2500000, never 2.5. */
export type Micros = bigint | number

/** Rates as given. What is left out costs as much as `input` or `output`: no discount is assumed. */
export interface TokenRatesOptions {
  readonly input: Micros
  readonly output: Micros
  /** Default: as `input`. */
  readonly cachedRead?: Micros | undefined
  /** Default: as `input`. Where a provider sells several lifetimes of its cache, give the one that you use. */
  readonly cachedWrite?: Micros | undefined
  /** Default: as `output`. */
  readonly reasoning?: Micros | undefined
}

/** A tier as given. */
export interface PriceTierOptions extends TokenRatesOptions {
  /** 1 to 2^53 - 1. */
  readonly aboveInputTokens: number
}

/** A model's price as given. */
export interface ModelPriceOptions extends TokenRatesOptions {
  /** Default 0. */
  readonly perRequest?: Micros | undefined
  /** At most 16, in any order, each with a bound of its own. Default: none. */
  readonly tiers?: readonly PriceTierOptions[] | undefined
}

/** A price table as given. */
export interface PriceTableOptions {
  /** 1 to 128 characters, such as `2026-11`. */
  readonly version: string
  readonly effectiveFrom: Date
  /** ISO 4217 code. */
  readonly currency: string
  /** By the model's exact name, 1 to 256 characters; at most 10000. */
  readonly models: Readonly<Record<string, ModelPriceOptions>>
  /** Price of the models not named. Default: none, they are refused as `UNKNOWN_MODEL`. */
  readonly default?: ModelPriceOptions | undefined
}

const RATES = ['input', 'output', 'cachedRead', 'cachedWrite', 'reasoning'] as const
const MAX_MODELS = 10_000
const MAX_TIERS = 16
const MAX_RATE = 10n ** 15n

/**
 * Checks a price table and fills in its defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the path, such as `models.small.tiers[0].input`.
 */
export function createPriceTable(options: PriceTableOptions): PriceTable {
  const { effectiveFrom } = requireObject('prices', options)
  refuseUnknown('', options, ['version', 'effectiveFrom', 'currency', 'models', 'default'])
  if (!(effectiveFrom instanceof Date) || Number.isNaN(effectiveFrom.getTime())) {
    throw new InvalidOptionError('effectiveFrom', 'a valid Date', effectiveFrom)
  }
  const named = Object.entries(requireObject('models', options.models))
  if (named.length > MAX_MODELS) {
    throw new InvalidOptionError('models', `at most ${MAX_MODELS} models`, named.length)
  }
  return Object.freeze({
    version: requireText('version', options.version, 128),
    effectiveFrom: new Date(effectiveFrom),
    currency: requireCurrency('currency', options.currency),
    models: new Map(
      named.map(([name, price]) => [requireText('models', name), modelPrice(`models.${name}`, price)]),
    ),
    default: options.default === undefined ? undefined : modelPrice('default', options.default),
  })
}

/**
 * The table in force at `at`: the one that took effect last; of two with the same instant, the one listed last.
 * @throws BudgetError `NO_PRICES_IN_FORCE` where all take effect later.
 */
export function priceTableAt(tables: readonly PriceTable[], at: Date): PriceTable {
  const found = tableInForce(tables, at)
  if (found !== undefined) return found
  throw new BudgetError({
    code: 'NO_PRICES_IN_FORCE',
    message: 'no price table is in force at this instant',
    details: { at: at.toISOString() },
  })
}

/** A hold that is to be charged. */
export interface PricedHold {
  readonly model: string
  /** The currency of the money that it holds. */
  readonly currency: string | undefined
  readonly heldAt: Date
}

/**
 * The table by which the call of a hold is charged: the one in force when it was held, whose prices the hold covers and
 * the provider takes; where that one is gone or does not price the model in the hold's currency, the one in force now.
 * Undefined: neither does.
 */
export function chargingTable(
  tables: readonly PriceTable[],
  { model, currency, heldAt }: PricedHold,
  now: Date,
): PriceTable | undefined {
  return [heldAt, now]
    .map((at) => tableInForce(tables, at))
    .find((table) => table?.currency === currency && hasPrice(table, model))
}

/**
 * The price of `model`, or the default price.
 * @throws BudgetError `UNKNOWN_MODEL` where there is neither.
 */
export function priceOf(prices: PriceTable, model: string): ModelPrice {
  const price = prices.models.get(model) ?? prices.default
  if (price !== undefined) return price
  throw new BudgetError({
    code: 'UNKNOWN_MODEL',
    message: `price table ${prices.version} has no price for this model`,
    details: { model, version: prices.version },
  })
}

function tableInForce(tables: readonly PriceTable[], at: Date): PriceTable | undefined {
  let found: PriceTable | undefined
  for (const table of tables) {
    const isInForce = table.effectiveFrom.getTime() <= at.getTime()
    if (isInForce && (found === undefined || table.effectiveFrom >= found.effectiveFrom)) found = table
  }
  return found
}

function hasPrice(table: PriceTable | undefined, model: string): boolean {
  return table !== undefined && (table.models.has(model) || table.default !== undefined)
}

function modelPrice(path: string, given: ModelPriceOptions): ModelPrice {
  const price = requireObject(path, given)
  refuseUnknown(`${path}.`, price, [...RATES, 'perRequest', 'tiers'])
  const tiers: readonly PriceTierOptions[] = price.tiers ?? []
  if (!Array.isArray(tiers) || tiers.length > MAX_TIERS) {
    throw new InvalidOptionError(`${path}.tiers`, `a list of at most ${MAX_TIERS}`, tiers)
  }
  const bounds = new Set<number>()
  const checked = tiers.map((tier: PriceTierOptions, index): PriceTier => {
    const at = `${path}.tiers[${index}]`
    const bound = requireInteger(`${at}.aboveInputTokens`, requireObject(at, tier).aboveInputTokens, {
      min: 1,
    })
    refuseUnknown(`${at}.`, tier, [...RATES, 'aboveInputTokens'])
    if (bounds.has(bound)) throw new InvalidOptionError(`${at}.aboveInputTokens`, 'given once', bound)
    bounds.add(bound)
    return Object.freeze({ ...tokenRates(at, tier), aboveInputTokens: bound })
  })
  return Object.freeze({
    ...tokenRates(path, price),
    perRequest: rate(`${path}.perRequest`, price.perRequest ?? 0n),
    tiers: Object.freeze(checked.sort((left, right) => left.aboveInputTokens - right.aboveInputTokens)),
  })
}

/** A misspelt rate would be left unread, and its tokens charged as dearly as the others. */
function refuseUnknown<Given extends object>(
  path: string,
  given: Given,
  known: readonly (keyof Given & string)[],
): void {
  for (const [name, value] of Object.entries(given)) {
    if (known.some((one) => one === name)) continue
    throw new InvalidOptionError(`${path}${name}`, `left out (there are ${known.join(', ')})`, value)
  }
}

function tokenRates(path: string, given: TokenRatesOptions): TokenRates {
  const input = rate(`${path}.input`, given.input)
  const output = rate(`${path}.output`, given.output)
  return {
    input,
    output,
    cachedRead: rate(`${path}.cachedRead`, given.cachedRead ?? input),
    cachedWrite: rate(`${path}.cachedWrite`, given.cachedWrite ?? input),
    reasoning: rate(`${path}.reasoning`, given.reasoning ?? output),
  }
}

function rate(path: string, value: Micros): bigint {
  const micros = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof micros === 'bigint' && micros >= 0n && micros <= MAX_RATE) return micros
  throw new InvalidOptionError(path, 'an integer of micro-units from 0 to 10^15', value)
}
