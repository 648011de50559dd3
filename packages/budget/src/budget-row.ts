import { type BudgetScope, levelOf } from './budget-scope.ts'
import type { BudgetState } from './budget-state.ts'
import type { Reservation, ReservationFacts, SettledUsage, UsageBasis } from './reservation.ts'

/** A row of `budgets` as queries give it. */
export interface BudgetRow {
  readonly tenant_id: string
  readonly project_id: string
  readonly task_id: string
  readonly agent_id: string
  readonly limit_tokens: bigint
  readonly used_tokens: bigint
  readonly reserved_tokens: bigint
  readonly limit_version: bigint
}

/** A row of `budget_reservations` as queries give it. */
export interface ReservationRow {
  readonly tenant_id: string
  readonly request_id: string
  readonly project_id: string
  readonly task_id: string | null
  readonly agent_id: string | null
  readonly tokens: bigint
  readonly ttl_ms: bigint
  readonly status: Reservation['status']
  readonly used_tokens: bigint | null
  readonly usage_basis: UsageBasis | null
  readonly held_at: Date
  readonly expires_at: Date
  readonly expired_at: Date | null
  readonly settled_at: Date | null
}

/** The columns of {@link BudgetRow} in `budgets`. */
export const BUDGET_COLUMNS = [
  'tenant_id',
  'project_id',
  'task_id',
  'agent_id',
  'limit_tokens',
  'used_tokens',
  'reserved_tokens',
  'limit_version',
] as const satisfies readonly (keyof BudgetRow)[]

/** The columns of {@link ReservationRow} in `budget_reservations`. */
export const RESERVATION_COLUMNS = [
  'tenant_id',
  'request_id',
  'project_id',
  'task_id',
  'agent_id',
  'tokens',
  'ttl_ms',
  'status',
  'used_tokens',
  'usage_basis',
  'held_at',
  'expires_at',
  'expired_at',
  'settled_at',
] as const satisfies readonly (keyof ReservationRow)[]

/** The scope of a budget's row. */
export function scopeOfBudget(row: BudgetRow): BudgetScope {
  return {
    tenantId: row.tenant_id,
    ...(row.project_id === '' ? {} : { projectId: row.project_id }),
    ...(row.task_id === '' ? {} : { taskId: row.task_id }),
    ...(row.agent_id === '' ? {} : { agentId: row.agent_id }),
  }
}

/** The state that a budget's row tells. The table's checks keep each counter a safe integer. */
export function toBudgetState(row: BudgetRow): BudgetState {
  const scope = scopeOfBudget(row)
  return {
    scope,
    level: levelOf(scope),
    limitTokens: Number(row.limit_tokens),
    usedTokens: Number(row.used_tokens),
    reservedTokens: Number(row.reserved_tokens),
    availableTokens: Number(row.limit_tokens - row.used_tokens - row.reserved_tokens),
  }
}

/** The reservation that a row tells. */
export function toReservation(row: ReservationRow): Reservation {
  const facts: ReservationFacts = {
    requestId: row.request_id,
    scope: {
      tenantId: row.tenant_id,
      projectId: row.project_id,
      ...(row.task_id === null ? {} : { taskId: row.task_id }),
      ...(row.agent_id === null ? {} : { agentId: row.agent_id }),
    },
    tokens: Number(row.tokens),
    ttlMs: Number(row.ttl_ms),
    heldAt: row.held_at,
    expiresAt: row.expires_at,
  }
  switch (row.status) {
    case 'held':
      return { ...facts, status: 'held' }
    case 'committed':
      return { ...facts, status: 'committed', ...settledUsage(row) }
    case 'released':
      return { ...facts, status: 'released', releasedAt: present(row.settled_at) }
    case 'expired':
      return { ...facts, status: 'expired', expiredAt: present(row.expired_at) }
    case 'late':
      return { ...facts, status: 'late', expiredAt: present(row.expired_at), ...settledUsage(row) }
  }
}

function settledUsage(row: ReservationRow): SettledUsage {
  const usedTokens = Number(present(row.used_tokens))
  return {
    usedTokens,
    usageBasis: present(row.usage_basis),
    overrunTokens: Math.max(0, usedTokens - Number(row.tokens)),
    committedAt: present(row.settled_at),
  }
}

/** The table's checks tie these columns to the status; a null here means that the schema is not ours. */
function present<T>(value: T | null): T {
  if (value === null) throw new TypeError('budget_reservations holds a row that its checks forbid')
  return value
}
