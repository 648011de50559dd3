import type { BudgetScope } from '../budget-scope.ts'
import type { BudgetPeriod, PeriodSettings } from '../periods/budget-period.ts'

/** A row of `budgets` as `to_jsonb` gives it: every number is a safe integer by the table's checks. */
export interface BudgetRow {
  readonly budget_id: number
  readonly tenant_id: string
  readonly project_id: string
  readonly task_id: string
  readonly agent_id: string
  readonly limit_tokens: number | null
  readonly used_tokens: number
  readonly reserved_tokens: number
  readonly currency: string | null
  readonly limit_micros: number | null
  readonly used_micros: number
  readonly reserved_micros: number
  readonly period_kind: PeriodSettings['kind']
  readonly period_length_ms: number | null
  readonly period_time_zone: string | null
  readonly period_starts_at: string
  readonly period_ends_at: string | null
  readonly soft_limit_percents: readonly number[]
  readonly soft_limit_reached: number
  readonly limit_version: number
}

/** The scope of a budget's row. */
export function scopeOfBudget(
  row: Pick<BudgetRow, 'tenant_id' | 'project_id' | 'task_id' | 'agent_id'>,
): BudgetScope {
  return {
    tenantId: row.tenant_id,
    ...(row.project_id === '' ? {} : { projectId: row.project_id }),
    ...(row.task_id === '' ? {} : { taskId: row.task_id }),
    ...(row.agent_id === '' ? {} : { agentId: row.agent_id }),
  }
}

/** The four ids by which `budgets` knows a scope; an absent one is empty. */
export function scopeKey(scope: BudgetScope): readonly [string, string, string, string] {
  return [scope.tenantId, scope.projectId ?? '', scope.taskId ?? '', scope.agentId ?? '']
}

/** When the budget of a row starts again. The table's checks tie the columns to the kind. */
export function periodSettingsOf(row: BudgetRow): PeriodSettings {
  switch (row.period_kind) {
    case 'none':
      return { kind: 'none' }
    case 'rolling':
      return { kind: 'rolling', lengthMs: present(row.period_length_ms) }
    default:
      return { kind: row.period_kind, timeZone: present(row.period_time_zone) }
  }
}

/** The period that a row says is open; it may be over already. */
export function openPeriodOf(row: BudgetRow): BudgetPeriod {
  return {
    startsAt: new Date(row.period_starts_at),
    endsAt: row.period_ends_at === null ? null : new Date(row.period_ends_at),
  }
}

function present<T>(value: T | null): T {
  if (value === null) throw new TypeError('budgets holds a row that its checks forbid')
  return value
}
