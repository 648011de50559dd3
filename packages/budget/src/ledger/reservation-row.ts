import type { Money } from '../pricing/money.ts'
import type { Reservation, ReservationFacts, SettledUsage, UsageBasis } from '../reservation.ts'

/** A row of `budget_reservations` as queries give it. */
export interface ReservationRow {
  readonly tenant_id: string
  readonly request_id: string
  readonly project_id: string
  readonly task_id: string | null
  readonly agent_id: string | null
  readonly model: string | null
  readonly asked_tokens: bigint
  readonly asked_micros: bigint
  readonly tokens: bigint
  readonly micros: bigint
  readonly currency: string | null
  readonly ttl_ms: bigint
  /** As PostgreSQL writes an array. */
  readonly path: string
  readonly status: Reservation['status']
  readonly revision: number
  readonly used_tokens: bigint | null
  readonly used_micros: bigint | null
  readonly reported_tokens: bigint | null
  readonly reported_micros: bigint | null
  readonly usage_basis: UsageBasis | null
  readonly held_at: Date
  readonly expires_at: Date
  readonly expired_at: Date | null
  readonly settled_at: Date | null
}

/** What a query selects of `budget_reservations r` for a {@link ReservationRow}. */
export const RESERVATION_SELECTION: string = [
  'tenant_id',
  'request_id',
  'project_id',
  'task_id',
  'agent_id',
  'model',
  'asked_tokens',
  'asked_micros',
  'tokens',
  'micros',
  'currency',
  'ttl_ms',
  'budget_path::text AS path',
  'status',
  'revision',
  'used_tokens',
  'used_micros',
  'reported_tokens',
  'reported_micros',
  'usage_basis',
  'held_at',
  'expires_at',
  'expired_at',
  'settled_at',
]
  .map((column) => `r.${column}`)
  .join(', ')

/** The reservation that a row tells. */
export function toReservation(row: ReservationRow): Reservation {
  const cost = moneyOf(row, row.micros)
  const facts: ReservationFacts = {
    requestId: row.request_id,
    scope: {
      tenantId: row.tenant_id,
      projectId: row.project_id,
      ...(row.task_id === null ? {} : { taskId: row.task_id }),
      ...(row.agent_id === null ? {} : { agentId: row.agent_id }),
    },
    tokens: Number(row.tokens),
    ...(cost === undefined ? {} : { cost }),
    ...(row.model === null ? {} : { model: row.model }),
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
  const used = present(row.used_tokens)
  const reported = present(row.reported_tokens)
  const usedCost = moneyOf(row, present(row.used_micros))
  return {
    usedTokens: Number(used),
    ...(usedCost === undefined ? {} : { usedCost }),
    usageBasis: present(row.usage_basis),
    overrunTokens: Math.max(0, Number(reported - row.tokens)),
    ...(reported > used ? { unchargedTokens: Number(reported - used) } : {}),
    committedAt: present(row.settled_at),
  }
}

function moneyOf(row: ReservationRow, micros: bigint): Money | undefined {
  return row.currency === null ? undefined : { currency: row.currency, micros }
}

/** The table's checks tie these columns to the status; a null here means that the schema is not ours. */
function present<T>(value: T | null): T {
  if (value === null) throw new TypeError('budget_reservations holds a row that its checks forbid')
  return value
}
