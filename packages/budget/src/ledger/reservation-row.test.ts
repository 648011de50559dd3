import { expect, test } from 'vitest'
import { type ReservationRow, toReservation } from './reservation-row.ts'

const at = new Date('2026-03-10T12:00:00.000Z')
const HELD: ReservationRow = {
  ...{ tenant_id: 'acme', request_id: 'r1', project_id: 'p', task_id: null, agent_id: null, model: null },
  ...{
    asked_tokens: 10n,
    asked_micros: 0n,
    tokens: 10n,
    micros: 0n,
    currency: null,
    ttl_ms: 1000n,
    path: '{1}',
  },
  ...{ status: 'held', revision: 1, used_tokens: null, used_micros: null, reported_tokens: null },
  ...{
    reported_micros: null,
    usage_basis: null,
    held_at: at,
    expires_at: at,
    expired_at: null,
    settled_at: null,
  },
}
const settled = { used_tokens: 7n, used_micros: 0n, reported_tokens: 7n, settled_at: at } as const
const COMMITTED: ReservationRow = { ...HELD, ...settled, status: 'committed', usage_basis: 'actual' }

test('a row without money or overrun tells of none', () => {
  expect(toReservation(COMMITTED)).toEqual({
    ...{ requestId: 'r1', scope: { tenantId: 'acme', projectId: 'p' }, tokens: 10, ttlMs: 1000 },
    ...{ heldAt: at, expiresAt: at, status: 'committed', usedTokens: 7, usageBasis: 'actual' },
    ...{ overrunTokens: 0, committedAt: at },
  })
})

test.each(['used_tokens', 'used_micros', 'reported_tokens', 'usage_basis', 'settled_at'] as const)(
  'a committed row without %s is none of ours',
  (column) => {
    expect(() => toReservation({ ...COMMITTED, [column]: null })).toThrow(
      new TypeError('budget_reservations holds a row that its checks forbid'),
    )
  },
)
