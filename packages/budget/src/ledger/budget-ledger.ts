import type { QueryOptions, SqlExecutor } from '@golden-arch/core/storage'
import type { BudgetScope } from '../budget-scope.ts'
import type { BudgetPeriod, PeriodSettings } from '../periods/budget-period.ts'
import { type BudgetRow, scopeKey } from './budget-row.ts'
import { RESERVATION_SELECTION, type ReservationRow } from './reservation-row.ts'

/** Where and when a call to the ledger runs. `now` null: the database's own clock. */
export interface LedgerCall extends QueryOptions {
  readonly executor: SqlExecutor
  readonly now: Date | null
}

/** What `budget_apply` answered, one row for a batch. Null arrays: everything went as asked. */
export interface AppliedBatch {
  readonly at: Date
  readonly r_result: readonly number[] | null
  readonly c_result: readonly number[] | null
  readonly e_result: readonly number[] | null
  /** Where the rows of the granted requests are, in their order, as PostgreSQL writes an array. */
  readonly r_place: string | null
  readonly versions: readonly bigint[] | null
  readonly paths: readonly string[] | null
  readonly denied_entry: readonly number[] | null
  readonly denied_budget: readonly bigint[] | null
  readonly denied_tokens: readonly bigint[] | null
  readonly denied_micros: readonly bigint[] | null
  readonly reclaimable: readonly bigint[] | null
  readonly soft_budget: readonly bigint[] | null
  readonly soft_before: readonly number[] | null
  readonly soft_reached: readonly number[] | null
  readonly exhausted: readonly bigint[] | null
  readonly periods_over: readonly bigint[] | null
  readonly facts: readonly BudgetRow[] | null
}

/** The reservations under these addresses, in any order. */
export async function readReservations(
  call: LedgerCall,
  addresses: readonly { readonly tenantId: string; readonly requestId: string }[],
): Promise<readonly ReservationRow[]> {
  const result = await call.executor.query<ReservationRow>(
    `SELECT ${RESERVATION_SELECTION} FROM unnest($1::text[], $2::text[]) AS k (tenant_id, request_id)
       JOIN budget_reservations r ON r.tenant_id = k.tenant_id AND r.request_id = k.request_id`,
    [addresses.map((one) => one.tenantId), addresses.map((one) => one.requestId)],
    { signal: call.signal },
  )
  return result.rows
}

/** Whose holds are meant: of a tenant, or those that count in one of its budgets. */
export interface DueHolds {
  readonly tenantId: string
  readonly budgetId?: number
}

/** Holds whose time has passed, the oldest first, of one part or of all; not locked. */
export async function readDueReservations(
  call: LedgerCall,
  limit: number,
  part: DueHolds | undefined,
): Promise<readonly ReservationRow[]> {
  const result = await call.executor.query<ReservationRow>(
    `SELECT ${RESERVATION_SELECTION} FROM budget_reservations r
      WHERE r.status = 'held' AND r.expires_at <= coalesce($1::timestamptz, clock_timestamp())
        AND ($2::text IS NULL OR r.tenant_id = $2) AND ($4::bigint IS NULL OR $4 = ANY (r.budget_path))
      ORDER BY r.expires_at, r.tenant_id, r.request_id LIMIT $3::integer`,
    [call.now, part?.tenantId ?? null, limit, part?.budgetId ?? null],
    { signal: call.signal },
  )
  return result.rows
}

/** The budget of exactly this scope, and the instant of reading. */
export async function readBudget(
  call: LedgerCall,
  scope: BudgetScope,
): Promise<{ readonly at: Date; readonly budget: BudgetRow | undefined }> {
  const row = await one<{ readonly at: Date; readonly budget: BudgetRow | null }>(
    call,
    `SELECT coalesce($5::timestamptz, clock_timestamp()) AS at,
            (SELECT to_jsonb(b) FROM budgets b
              WHERE b.tenant_id = $1 AND b.project_id = $2 AND b.task_id = $3 AND b.agent_id = $4) AS budget`,
    [...scopeKey(scope), call.now],
  )
  return { at: row.at, budget: row.budget ?? undefined }
}

/** Which budgets below another: those made before `beforeId`, or from the last one on. */
export interface BudgetsBelow {
  readonly scope: BudgetScope
  readonly limit: number
  readonly beforeId: bigint | undefined
}

/** The budgets right below that of a tenant or a project, the one made last first, and the instant of reading. */
export async function readBudgetsBelow(
  call: LedgerCall,
  { scope, limit, beforeId }: BudgetsBelow,
): Promise<readonly { readonly at: Date; readonly budget: BudgetRow }[]> {
  const { tenantId, projectId } = scope
  const below =
    projectId === undefined
      ? `b.project_id <> $2 AND b.task_id = '' AND b.agent_id = ''`
      : `b.project_id = $2 AND (b.task_id <> '' OR b.agent_id <> '')`
  const { rows } = await call.executor.query<{ readonly at: Date; readonly budget: BudgetRow }>(
    `SELECT coalesce($3::timestamptz, clock_timestamp()) AS at, to_jsonb(b) AS budget FROM budgets b
      WHERE b.tenant_id = $1 AND ${below} AND b.budget_id < $4::bigint ORDER BY b.budget_id DESC LIMIT $5::int`,
    [tenantId, projectId ?? '', call.now, beforeId ?? 2n ** 63n - 1n, limit],
    { signal: call.signal },
  )
  return rows
}

/** A period to begin, for a budget whose own is over. */
export interface PeriodReset {
  readonly budgetId: number
  readonly period: BudgetPeriod
}

/** Calls `budget_reset_periods`. */
export async function resetPeriods(call: LedgerCall, resets: readonly PeriodReset[]): Promise<void> {
  const ordered = resets.toSorted((left, right) => left.budgetId - right.budgetId)
  await call.executor.query(
    'SELECT budget_reset_periods($1::timestamptz, $2::bigint[], $3::timestamptz[], $4::timestamptz[])',
    [
      call.now,
      ordered.map((reset) => reset.budgetId),
      ordered.map((reset) => reset.period.startsAt),
      ordered.map((reset) => reset.period.endsAt),
    ],
    { signal: call.signal },
  )
}

/** What to set on a budget, checked; undefined: as it is. Null: not limited. */
export interface ResolvedLimits {
  readonly scope: BudgetScope
  readonly isOnlyIfAbsent: boolean
  readonly limitTokens: number | null | undefined
  readonly limitMicros: number | null | undefined
  readonly currency: string | undefined
  readonly period: PeriodSettings | undefined
  readonly softLimitPercents: readonly number[] | undefined
  readonly actor: string
  readonly reason: string | undefined
}

/** What `budget_set_limit` answered. */
export interface LimitAnswer {
  readonly outcome: 'set' | 'currency_mismatch' | 'period_over'
  readonly budget: BudgetRow
  readonly previous: BudgetRow
  readonly is_new: boolean
  readonly soft_budget: readonly bigint[] | null
  readonly soft_before: readonly number[] | null
  readonly soft_reached: readonly number[] | null
}

/**
 * Calls `budget_set_limit`; `period` is the one in force now where the settings change. Soft limits that use has
 * reached by it are marked, where the period still runs, in the same statement, under the lock that setting took.
 */
export async function setLimitInLedger(
  call: LedgerCall,
  limits: ResolvedLimits,
  period: BudgetPeriod | undefined,
): Promise<LimitAnswer> {
  const { limitTokens, limitMicros, currency, period: settings } = limits
  return one<LimitAnswer>(
    call,
    `SELECT o.outcome, o.is_new, to_jsonb(o.budget) AS budget, to_jsonb(o.previous) AS previous,
            s.budget_ids AS soft_budget, s.before_percents AS soft_before, s.reached_percents AS soft_reached
       FROM budget_set_limit($1::timestamptz, $2, $3, $4, $5, $6::boolean, $7::boolean, $8::bigint, $9::boolean, $10::bigint,
              $11, $12::boolean, $13, $14::bigint, $15, $16::timestamptz, $17::timestamptz, $18::integer[], $19, $20) AS o
       LEFT JOIN LATERAL budget_reach_soft_limits(
              CASE WHEN o.outcome = 'set' AND ((o.budget).period_ends_at > coalesce($1::timestamptz, clock_timestamp())
                                             OR (o.budget).period_ends_at IS NULL)
                   THEN ARRAY[(o.budget).budget_id] ELSE '{}' END) AS s ON true`,
    [
      call.now,
      ...scopeKey(limits.scope),
      limits.isOnlyIfAbsent,
      limitTokens !== undefined,
      limitTokens ?? null,
      limitMicros !== undefined,
      limitMicros ?? null,
      currency ?? null,
      settings !== undefined,
      settings?.kind ?? null,
      settings?.kind === 'rolling' ? settings.lengthMs : null,
      settings !== undefined && 'timeZone' in settings ? settings.timeZone : null,
      period?.startsAt ?? null,
      period?.endsAt ?? null,
      limits.softLimitPercents ?? null,
      limits.actor,
      limits.reason ?? null,
    ],
  )
}

/** A row of one statement that always gives one. */
export async function one<Row extends object>(
  call: LedgerCall,
  text: string,
  values: readonly unknown[],
  prepareAs?: string,
): Promise<Row> {
  const [row] = (await call.executor.query<Row>(text, values, { signal: call.signal, prepareAs })).rows
  if (row === undefined) throw new TypeError('a budget statement answered no row')
  return row
}

/** A budget, the instant of reading, and what was used there of late. */
export interface RecentBudget {
  readonly at: Date
  readonly budget: BudgetRow | null
  readonly since: Date
  readonly tokens: bigint
  readonly micros: bigint
}

/**
 * What a budget used in the last `windowMs`, by its ledger. At most the last `maxMovements` of the tenant are looked at;
 * where they do not reach back so far, `since` is later.
 */
export async function readRecentUse(
  call: LedgerCall,
  scope: BudgetScope,
  windowMs: number,
  maxMovements: number,
): Promise<RecentBudget> {
  return one<RecentBudget>(
    call,
    `WITH n AS (
       SELECT n.at, n.at - $6::bigint * interval '1 millisecond' AS since
         FROM (SELECT coalesce($5::timestamptz, clock_timestamp()) AS at) AS n
     ), b AS (
       SELECT b.* FROM budgets b WHERE b.tenant_id = $1 AND b.project_id = $2 AND b.task_id = $3 AND b.agent_id = $4
     ), latest AS (
       SELECT t.* FROM budget_transactions t WHERE t.tenant_id = $1
        ORDER BY t.transaction_id DESC LIMIT $7::integer
     ), reach AS (
       SELECT greatest(n.since, CASE WHEN (SELECT count(*) FROM latest) = $7::integer
                                     THEN (SELECT min(t.at) FROM latest t) END) AS since FROM n
     )
     SELECT n.at, (SELECT to_jsonb(b) FROM b) AS budget, reach.since,
            coalesce(u.tokens, 0)::bigint AS tokens, coalesce(u.micros, 0)::bigint AS micros
       FROM n, reach, LATERAL (
         SELECT sum(CASE WHEN t.to_account = 'used' THEN t.tokens ELSE -t.tokens END) AS tokens,
                sum(CASE WHEN t.to_account = 'used' THEN t.micros ELSE -t.micros END) AS micros
           FROM latest t, b
          WHERE t.at >= reach.since AND b.budget_id = ANY (t.budget_path) AND t.kind <> 'reset'
            AND 'used' IN (t.from_account, t.to_account)) AS u`,
    [...scopeKey(scope), call.now, windowMs, maxMovements],
  )
}
