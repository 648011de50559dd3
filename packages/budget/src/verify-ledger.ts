import type { LedgerCall } from './budget-ledger.ts'
import { BUDGET_COLUMNS, type BudgetRow, scopeOfBudget } from './budget-row.ts'
import type { LedgerDifference, LedgerVerification } from './budget-state.ts'

const MAX_DIFFERENCES = 100

interface VerifiedRow extends BudgetRow {
  readonly rebuilt_limit: bigint
  readonly rebuilt_used: bigint
  readonly rebuilt_reserved: bigint
  readonly held: bigint
  readonly checked: bigint
}

/** Rebuilds the counters of a tenant's budgets, or of one project's, from the movements and from the holds. */
export async function verifyLedger(
  call: LedgerCall,
  tenantId: string,
  projectId: string | undefined,
): Promise<LedgerVerification> {
  // One statement, so that all sums are of one snapshot.
  const result = await call.executor.query<VerifiedRow>(
    `WITH chosen AS (
       SELECT * FROM budgets WHERE tenant_id = $1 AND ($2::text IS NULL OR project_id = $2)
     ), moved AS (
       SELECT t.budget_id,
              sum(CASE WHEN t.from_account = 'source' THEN t.tokens WHEN t.to_account = 'source' THEN -t.tokens ELSE 0 END) AS granted,
              sum(CASE WHEN t.to_account = 'used' THEN t.tokens WHEN t.from_account = 'used' THEN -t.tokens ELSE 0 END) AS used,
              sum(CASE WHEN t.to_account = 'reserved' THEN t.tokens WHEN t.from_account = 'reserved' THEN -t.tokens ELSE 0 END) AS reserved
         FROM budget_transactions t JOIN chosen c ON c.budget_id = t.budget_id
        WHERE t.tenant_id = $1 GROUP BY t.budget_id
     ), holds AS (
       SELECT p.budget_id, sum(r.tokens) AS held
         FROM budget_reservations r, unnest(r.budget_path) AS p (budget_id)
        WHERE r.tenant_id = $1 AND r.status = 'held' GROUP BY p.budget_id
     ), rebuilt AS (
       SELECT c.*, coalesce(m.granted, 0)::bigint AS rebuilt_limit, coalesce(m.used, 0)::bigint AS rebuilt_used,
              coalesce(m.reserved, 0)::bigint AS rebuilt_reserved, coalesce(h.held, 0)::bigint AS held
         FROM chosen c LEFT JOIN moved m USING (budget_id) LEFT JOIN holds h USING (budget_id)
     )
     SELECT ${BUDGET_COLUMNS.map((name) => `b.${name}`).join(', ')},
            b.rebuilt_limit, b.rebuilt_used, b.rebuilt_reserved, b.held, n.checked
       FROM (SELECT count(*) AS checked FROM rebuilt) AS n
       LEFT JOIN rebuilt b ON b.limit_tokens <> b.rebuilt_limit OR b.used_tokens <> b.rebuilt_used
              OR b.reserved_tokens <> b.rebuilt_reserved OR b.reserved_tokens <> b.held
      ORDER BY b.budget_id LIMIT ${MAX_DIFFERENCES}`,
    [tenantId, projectId ?? null],
    call.signal === undefined ? {} : { signal: call.signal },
  )
  const found = result.rows.filter((row) => row.tenant_id !== null)
  return {
    isConsistent: found.length === 0,
    checkedBudgets: Number(result.rows[0]?.checked ?? 0n),
    differences: found.flatMap(differencesOf).slice(0, MAX_DIFFERENCES),
  }
}

function differencesOf(row: VerifiedRow): readonly LedgerDifference[] {
  const scope = scopeOfBudget(row)
  const compared = [
    { scope, counter: 'limit', counted: row.limit_tokens, rebuilt: row.rebuilt_limit },
    { scope, counter: 'used', counted: row.used_tokens, rebuilt: row.rebuilt_used },
    { scope, counter: 'reserved', counted: row.reserved_tokens, rebuilt: row.rebuilt_reserved },
    { scope, counter: 'held reservations', counted: row.reserved_tokens, rebuilt: row.held },
  ] as const
  return compared.filter((one) => one.counted !== one.rebuilt)
}
