import type { LedgerDifference, LedgerVerification } from '../budget-state.ts'
import type { LedgerCall } from './budget-ledger.ts'
import { type BudgetRow, scopeOfBudget } from './budget-row.ts'

const MAX_DIFFERENCES = 100

interface ComparedRow {
  readonly checked: bigint
  readonly budget: BudgetRow | null
  readonly limit_tokens: bigint
  readonly used_tokens: bigint
  readonly reserved_tokens: bigint
  readonly held_tokens: bigint
  readonly limit_micros: bigint
  readonly used_micros: bigint
  readonly reserved_micros: bigint
  readonly held_micros: bigint
}

/** Rebuilds the counters of a tenant's budgets, or of one project's, from the ledger and compares them. */
export async function verifyLedger(
  call: LedgerCall,
  tenantId: string,
  projectId: string | undefined,
): Promise<LedgerVerification> {
  // One statement, so that all sums are of one snapshot.
  const result = await call.executor.query<ComparedRow>(
    `WITH rebuilt AS (SELECT * FROM budget_rebuilt($1, $2))
     SELECT n.checked, to_jsonb(b) AS budget, r.*
       FROM (SELECT count(*) AS checked FROM rebuilt) AS n
       LEFT JOIN (rebuilt r JOIN budgets b ON b.budget_id = r.budget_id)
              ON coalesce(b.limit_tokens, 0) <> r.limit_tokens OR b.used_tokens <> r.used_tokens
              OR b.reserved_tokens <> r.reserved_tokens OR b.reserved_tokens <> r.held_tokens
              OR coalesce(b.limit_micros, 0) <> r.limit_micros OR b.used_micros <> r.used_micros
              OR b.reserved_micros <> r.reserved_micros OR b.reserved_micros <> r.held_micros
      ORDER BY b.budget_id LIMIT ${MAX_DIFFERENCES}`,
    [tenantId, projectId ?? null],
    { signal: call.signal },
  )
  const differences = result.rows.flatMap(differencesOf).slice(0, MAX_DIFFERENCES)
  return {
    isConsistent: differences.length === 0,
    checkedBudgets: Number(result.rows[0]?.checked ?? 0n),
    differences,
  }
}

function differencesOf({ budget, ...row }: ComparedRow): readonly LedgerDifference[] {
  if (budget === null) return []
  const scope = scopeOfBudget(budget)
  return (['tokens', 'micros'] as const).flatMap((unit) => {
    const [limit, used, reserved] =
      unit === 'tokens'
        ? [budget.limit_tokens, budget.used_tokens, budget.reserved_tokens]
        : [budget.limit_micros, budget.used_micros, budget.reserved_micros]
    const compared: readonly LedgerDifference[] = [
      { scope, unit, counter: 'limit', counted: BigInt(limit ?? 0), rebuilt: row[`limit_${unit}`] },
      { scope, unit, counter: 'used', counted: BigInt(used), rebuilt: row[`used_${unit}`] },
      { scope, unit, counter: 'reserved', counted: BigInt(reserved), rebuilt: row[`reserved_${unit}`] },
      { scope, unit, counter: 'held reservations', counted: BigInt(reserved), rebuilt: row[`held_${unit}`] },
    ]
    return compared.filter((one) => one.counted !== one.rebuilt)
  })
}
