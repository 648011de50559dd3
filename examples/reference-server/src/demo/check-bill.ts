import { actualCost, type PriceTable } from '@golden-arch/budget'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { BilledCall, BillView } from '../scripted-model/bill.ts'

/** What a look at one thing found. */
export interface Finding {
  readonly figures: Readonly<Record<string, string | number>>
  readonly problems: readonly string[]
}

/** What the budget and the ledger of effects say of one call. */
interface PaidCall {
  readonly request_id: string
  readonly status: string
  readonly model: string | null
  readonly used_tokens: bigint | null
  readonly used_micros: bigint | null
  readonly usage_basis: 'actual' | 'estimate' | null
  readonly effect: 'intended' | 'done' | 'uncertain' | null
}

/**
 * Holds what the budget was charged, call by call, against the model's own bill. A call whose end nobody knows is charged
 * as estimated, and told of apart. With prices, what it was charged in money is held against them too.
 */
export async function checkBill(
  database: SqlDatabase,
  bill: BillView,
  prices?: PriceTable,
): Promise<Finding> {
  const { rows } = await database.query<PaidCall>(
    `SELECT request_id, r.status::text, model, used_tokens, used_micros, usage_basis::text, e.state AS effect
       FROM budget_reservations r
       LEFT JOIN task_effects e ON e.tenant_id = r.tenant_id AND e.effect_id = r.request_id`,
  )
  const billed = new Map(bill.calls.map((call) => [call.key, call]))
  const actual = rows.filter((row) => row.usage_basis === 'actual')
  const estimated = rows.filter((row) => row.usage_basis === 'estimate')
  const known = new Set(rows.map((row) => row.request_id))
  return {
    figures: {
      'model calls on the bill': bill.calls.length,
      'tokens on the bill': bill.billed_tokens,
      'calls committed by what the model said': actual.length,
      'their tokens in the budget': sumOf(actual),
      'their tokens on the bill': billOf(actual, billed),
      'calls committed as estimated': estimated.length,
      'those tokens in the budget': sumOf(estimated),
      'those tokens on the bill': billOf(estimated, billed),
    },
    problems: [
      ...rows.flatMap((row) => faultsOf(row, billed.get(row.request_id), prices)),
      ...bill.calls.flatMap(({ key, requests, tokens }) => [
        ...(requests > 1 ? [`the call ${key} was made ${requests} times`] : []),
        ...(tokens > 0 && !known.has(key) ? [`the call ${key} was made without a hold on the budget`] : []),
      ]),
    ],
  }
}

function faultsOf(
  row: PaidCall,
  call: BilledCall | undefined,
  prices: PriceTable | undefined,
): readonly string[] {
  const { request_id: id, status, used_tokens: used, usage_basis: basis, effect } = row
  const tokens = call?.tokens ?? 0
  if (status === 'held') return [`the hold of ${id} was never settled`]
  if (effect === 'intended') return [`nobody has found out what became of the call ${id}`]
  if (status === 'released' || status === 'expired') {
    return tokens > 0 ? [`the call ${id} cost ${tokens} tokens, and its hold is ${status}`] : []
  }
  if (basis !== 'actual') return []
  const owed = priceOf(row, call, prices)
  return [
    ...(used === BigInt(tokens) ? [] : [`the call ${id} is paid with ${used} tokens, and cost ${tokens}`]),
    ...(owed === undefined || owed === row.used_micros
      ? []
      : [`the call ${id} is paid with ${row.used_micros} micro-units of money, and cost ${owed}`]),
  ]
}

/** What the call costs in micro-units; undefined where it has no price. */
function priceOf(
  { model }: PaidCall,
  call: BilledCall | undefined,
  prices: PriceTable | undefined,
): bigint | undefined {
  if (prices === undefined || model === null || call === undefined) return undefined
  const usage = { inputTokens: call.input_tokens, outputTokens: call.tokens - call.input_tokens }
  return actualCost(prices, { model, usage }).cost.micros
}

function sumOf(rows: readonly PaidCall[]): number {
  return rows.reduce((sum, row) => sum + Number(row.used_tokens), 0)
}

function billOf(rows: readonly PaidCall[], billed: ReadonlyMap<string, BilledCall>): number {
  return rows.reduce((sum, row) => sum + (billed.get(row.request_id)?.tokens ?? 0), 0)
}
