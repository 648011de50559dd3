import type { QueryOptions, SqlExecutor } from '@golden-arch/core/storage'
import { BUDGET_COLUMNS, type BudgetRow, RESERVATION_COLUMNS, type ReservationRow } from './budget-row.ts'
import type { BudgetScope } from './budget-scope.ts'
import type { ResolvedTokenRequest } from './token-request.ts'
import type { ResolvedUsage } from './usage.ts'

/** What `budget_request` answered. */
export type RequestAnswer =
  | { readonly outcome: 'held' | 'existing'; readonly reservation: ReservationRow }
  | { readonly outcome: 'denied'; readonly budget: BudgetRow; readonly isReclaimable: boolean }
  | { readonly outcome: 'no_budget' }

/** What `budget_settle` answered. */
export type SettleAnswer =
  | { readonly outcome: 'settled' | 'existing'; readonly reservation: ReservationRow }
  | { readonly outcome: 'not_found' }
  | { readonly outcome: 'out_of_range' }

/** Where and when a call to the ledger runs. `now` null: the database's own clock. */
export interface LedgerCall extends QueryOptions {
  readonly executor: SqlExecutor
  readonly now: Date | null
}

/** A limit to set, checked. */
export interface ResolvedLimitOrder {
  readonly scope: BudgetScope
  readonly limitTokens: number
  readonly actor: string
  readonly reason: string | undefined
}

type Prefixed<Row, Prefix extends string> = {
  readonly [Key in keyof Row & string as `${Prefix}${Key}`]: Row[Key] | null
}

const RESERVATION_FIELDS = RESERVATION_COLUMNS.map((name) => `(o.reservation).${name} AS r_${name}`).join(
  ', ',
)
const BUDGET_FIELDS = BUDGET_COLUMNS.map((name) => `(o.budget).${name} AS b_${name}`).join(', ')

/** Calls `budget_request`. */
export async function requestFromLedger(
  call: LedgerCall,
  request: ResolvedTokenRequest,
  defaultLimitTokens: number | undefined,
): Promise<RequestAnswer> {
  type Row = Prefixed<ReservationRow, 'r_'> &
    Prefixed<BudgetRow, 'b_'> & {
      readonly outcome: RequestAnswer['outcome']
      readonly is_reclaimable: boolean
    }
  const { scope } = request
  const row = await one<Row>(
    call,
    `SELECT o.outcome, o.is_reclaimable, ${RESERVATION_FIELDS}, ${BUDGET_FIELDS}
       FROM budget_request($1::text, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::bigint, $8::bigint,
                           $9::timestamptz) AS o`,
    [
      scope.tenantId,
      request.requestId,
      scope.projectId,
      scope.taskId ?? null,
      scope.agentId ?? null,
      request.tokens,
      request.ttlMs,
      defaultLimitTokens ?? null,
      call.now,
    ],
  )
  switch (row.outcome) {
    case 'held':
    case 'existing':
      return { outcome: row.outcome, reservation: unprefixed(row, 'r_', RESERVATION_COLUMNS) }
    case 'denied':
      return {
        outcome: 'denied',
        budget: unprefixed(row, 'b_', BUDGET_COLUMNS),
        isReclaimable: row.is_reclaimable,
      }
    case 'no_budget':
      return { outcome: 'no_budget' }
  }
}

/** Calls `budget_settle`; without usage it releases. */
export async function settleInLedger(
  call: LedgerCall,
  key: { readonly tenantId: string; readonly requestId: string },
  usage: ResolvedUsage | undefined,
): Promise<SettleAnswer> {
  type Row = Prefixed<ReservationRow, 'r_'> & { readonly outcome: SettleAnswer['outcome'] }
  const row = await one<Row>(
    call,
    `SELECT o.outcome, ${RESERVATION_FIELDS}
       FROM budget_settle($1::text, $2::text, $3::text, $4::bigint, $5::text, $6::timestamptz) AS o`,
    [
      key.tenantId,
      key.requestId,
      usage === undefined ? 'release' : 'commit',
      usage?.usedTokens ?? null,
      usage?.usageBasis ?? null,
      call.now,
    ],
  )
  if (row.outcome === 'not_found' || row.outcome === 'out_of_range') return { outcome: row.outcome }
  return { outcome: row.outcome, reservation: unprefixed(row, 'r_', RESERVATION_COLUMNS) }
}

/** Calls `budget_expire` for one tenant, or for all. */
export async function expireInLedger(
  call: LedgerCall,
  limit: number,
  tenantId: string | undefined,
): Promise<readonly ReservationRow[]> {
  const result = await call.executor.query<ReservationRow>(
    `SELECT ${RESERVATION_COLUMNS.join(', ')} FROM budget_expire($1::text, $2::integer, $3::timestamptz)`,
    [tenantId ?? null, limit, call.now],
    options(call),
  )
  return result.rows
}

/** Calls `budget_set_limit`. */
export async function setLimitInLedger(
  call: LedgerCall,
  order: ResolvedLimitOrder,
): Promise<{ readonly budget: BudgetRow; readonly previousLimitTokens: bigint | null }> {
  type Row = Prefixed<BudgetRow, 'b_'> & { readonly previous_limit_tokens: bigint | null }
  const row = await one<Row>(
    call,
    `SELECT o.previous_limit_tokens, ${BUDGET_FIELDS}
       FROM budget_set_limit($1::text, $2::text, $3::text, $4::text, $5::bigint, $6::text, $7::text, false,
                             $8::timestamptz) AS o`,
    [...scopeKey(order.scope), order.limitTokens, order.actor, order.reason ?? null, call.now],
  )
  return { budget: unprefixed(row, 'b_', BUDGET_COLUMNS), previousLimitTokens: row.previous_limit_tokens }
}

/** The budget of exactly this scope. */
export async function readBudget(call: LedgerCall, scope: BudgetScope): Promise<BudgetRow | undefined> {
  const result = await call.executor.query<BudgetRow>(
    `SELECT ${BUDGET_COLUMNS.join(', ')} FROM budgets
      WHERE tenant_id = $1 AND project_id = $2 AND task_id = $3 AND agent_id = $4`,
    scopeKey(scope),
    options(call),
  )
  return result.rows[0]
}

function scopeKey(scope: BudgetScope): readonly string[] {
  return [scope.tenantId, scope.projectId ?? '', scope.taskId ?? '', scope.agentId ?? '']
}

async function one<Row extends object>(
  call: LedgerCall,
  text: string,
  values: readonly unknown[],
): Promise<Row> {
  const [row] = (await call.executor.query<Row>(text, values, options(call))).rows
  if (row === undefined) throw new TypeError('a budget function answered no row')
  return row
}

function options(call: LedgerCall): QueryOptions {
  return call.signal === undefined ? {} : { signal: call.signal }
}

function unprefixed<Row>(row: object, prefix: string, columns: readonly (keyof Row & string)[]): Row {
  const source: Readonly<Record<string, unknown>> = { ...row }
  // Safe: the columns are those of Row, and the outcome that leads here says that the composite was set.
  return Object.fromEntries(columns.map((name) => [name, source[`${prefix}${name}`]])) as Row
}
