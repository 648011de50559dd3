import { InvalidOptionError, requireInteger, requireObject } from '@golden-arch/core/errors'
import { BudgetError } from './budget-error.ts'
import { type BudgetScope, requireId, requireScope } from './budget-scope.ts'
import type { ReservationRow } from './ledger/reservation-row.ts'
import { estimateCost } from './pricing/call-cost.ts'
import { type Money, requireCurrency } from './pricing/money.ts'
import type { PriceTable } from './pricing/price-table.ts'

/** Who asks, for what, and for how long. */
export interface RequestAddress {
  /** 1 to 256 characters, unique for each attempt at a call within the tenant: the key of exactly once. */
  readonly requestId: string
  readonly tenantId: string
  readonly projectId: string
  readonly taskId?: string | undefined
  readonly agentId?: string | undefined
  /** Milliseconds until the hold expires, 1 to 86400000 (24 hours). Default 120000 (2 minutes). */
  readonly ttlMs?: number | undefined
}

/** A request for a number of tokens. */
export interface SizedRequest extends RequestAddress {
  /** The estimate to hold, 1 to 2^53 - 1. */
  readonly tokens: number
  /** The money to hold, 0 to 2^53 - 1 micro-units; needed where a budget limits money. Default: none. */
  readonly cost?: Money | undefined
}

/** A request for a call to a model, priced by the controller's price tables: at most what it can cost is held. */
export interface PricedRequest extends RequestAddress {
  /** 1 to 256 characters. */
  readonly model: string
  /** 0 to 2^53 - 1. */
  readonly inputTokens: number
  /** 1 to 2^53 - 1. */
  readonly maxOutputTokens: number
}

/** What is asked for before a call. */
export type BudgetRequest = SizedRequest | PricedRequest

/** A request as the code may rely on it. */
export interface ResolvedBudgetRequest {
  readonly requestId: string
  readonly scope: BudgetScope
  readonly tokens: number
  readonly micros: number
  readonly currency: string | undefined
  readonly model: string | undefined
  readonly ttlMs: number
  /** Scope, currency and model in one text: requests with the same key differ in id and amounts alone. */
  readonly kindKey: string
}

/** The hold's time to live where none is given: 2 minutes. */
const DEFAULT_TTL_MS = 120_000

const MAX_TTL_MS = 86_400_000

/**
 * Checks a request, prices it and fills in its default.
 * @throws InvalidOptionError `INVALID_OPTION` naming the field, the rule and the value; BudgetError `UNKNOWN_MODEL`,
 * `NO_PRICES_IN_FORCE`, `MONEY_OUT_OF_RANGE`.
 */
export function resolveBudgetRequest(
  request: BudgetRequest,
  prices: () => PriceTable | undefined,
): ResolvedBudgetRequest {
  requireId('projectId', requireObject('request', request).projectId, 128)
  const scope = requireScope(request)
  const requestId = requireId('requestId', request.requestId, 256)
  const { tokens, cost, model } = isPriced(request) ? priced(request, prices) : sized(request)
  const { tenantId, projectId, taskId = '', agentId = '' } = scope
  const currency = cost?.currency
  return {
    requestId,
    scope,
    tokens,
    micros: cost === undefined ? 0 : requireMicros(cost),
    currency,
    model,
    ttlMs: requireTtl(request.ttlMs ?? DEFAULT_TTL_MS),
    kindKey: `${tenantId}\n${projectId}\n${taskId}\n${agentId}\n${currency ?? ''}\n${model ?? ''}`,
  }
}

/** Whether a request is for a call to a model. */
export function isPriced(request: BudgetRequest): request is PricedRequest {
  return 'model' in request && request.model !== undefined
}

/** The first field in which `request` asks for something else than the reservation under its id did, or undefined. */
export function differingField(request: ResolvedBudgetRequest, row: ReservationRow): string | undefined {
  if (request.scope.projectId !== row.project_id) return 'projectId'
  if ((request.scope.taskId ?? null) !== row.task_id) return 'taskId'
  if ((request.scope.agentId ?? null) !== row.agent_id) return 'agentId'
  if (BigInt(request.tokens) !== row.asked_tokens) return 'tokens'
  if ((request.model ?? null) !== row.model) return 'model'
  if ((request.currency ?? null) !== row.currency || BigInt(request.micros) !== row.asked_micros)
    return 'cost'
  return BigInt(request.ttlMs) === row.ttl_ms ? undefined : 'ttlMs'
}

/**
 * Returns milliseconds that a hold may last.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function requireTtl(ttlMs: unknown): number {
  return requireInteger('ttlMs', ttlMs, { min: 1, max: MAX_TTL_MS })
}

/**
 * The micro-units of an amount that a budget can count.
 * @throws InvalidOptionError `INVALID_OPTION` naming the part on a negative amount or no money at all; BudgetError
 * `MONEY_OUT_OF_RANGE` beyond 2^53 - 1 micro-units.
 */
export function requireMicros(cost: Money, option = 'cost'): number {
  const { currency, micros: amount } = requireObject(option, cost)
  if (typeof amount !== 'bigint' || amount < 0n) {
    throw new InvalidOptionError(`${option}.micros`, 'a bigint from 0 on', amount)
  }
  requireCurrency(`${option}.currency`, currency)
  const micros = Number(amount)
  if (Number.isSafeInteger(micros)) return micros
  throw new BudgetError({
    code: 'MONEY_OUT_OF_RANGE',
    message: 'an amount of money would pass 2^53 - 1 micro-units',
    details: { currency },
  })
}

interface Size {
  readonly tokens: number
  readonly cost: Money | undefined
  readonly model: string | undefined
}

function sized(request: SizedRequest): Size {
  return {
    tokens: requireInteger('tokens', request.tokens, { min: 1 }),
    cost: request.cost,
    model: undefined,
  }
}

function priced(request: PricedRequest, prices: () => PriceTable | undefined): Size {
  const model = requireId('model', request.model, 256)
  const inputTokens = requireInteger('inputTokens', request.inputTokens)
  const maxOutputTokens = requireInteger('maxOutputTokens', request.maxOutputTokens, { min: 1 })
  const table = prices()
  if (table === undefined) {
    throw new InvalidOptionError(
      'model',
      "left out where the controller has no `prices`, as by `hold: 'tokens'` of an adapter",
      model,
    )
  }
  return {
    tokens: requireInteger('inputTokens + maxOutputTokens', inputTokens + maxOutputTokens, { min: 1 }),
    cost: estimateCost(table, { model, inputTokens, maxOutputTokens }),
    model,
  }
}
