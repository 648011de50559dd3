import { expect, test } from 'vitest'
import type { AppliedBatch } from '../ledger/budget-ledger.ts'
import type { ReservationRow } from '../ledger/reservation-row.ts'
import { reservationKey } from './budget-flight.ts'
import { decodeBatch, flightsToRead } from './decode-batch.ts'
import type { EncodedBatch } from './encode-batch.ts'

// The casts state the few fields that a batch of requests is decoded by.
const flights = ['granted', 'known', 'unread', 'nowhere'].map((requestId) => ({
  key: reservationKey('t', requestId),
}))
const request = { requestId: 'r', scope: { tenantId: 't', projectId: 'p' }, tokens: 1, micros: 0, ttlMs: 1 }
const batch = {
  requests: flights.map((flight) => ({ flight, request, scopePosition: 1 })),
  resolutions: [],
  extensions: [],
} as unknown as EncodedBatch
const applied = {
  at: new Date(0),
  r_result: [1, 2, 2, 4],
  c_result: null,
  e_result: null,
} as unknown as AppliedBatch

test('a request whose id is known is answered by its row, if that is there, and by nothing else', () => {
  const row = { tenant_id: 't', request_id: 'known' } as ReservationRow
  const answers = [...decodeBatch(batch, applied, [row]).values()]
  expect(flightsToRead(batch, applied)).toEqual(flights.slice(1, 3))
  expect(answers[0]).toMatchObject({ kind: 'done', isReplay: false, reservation: { status: 'held' } })
  expect(answers.slice(1)).toEqual([
    { kind: 'existing', row },
    { kind: 'existing', row: undefined },
    { kind: 'no_budget' },
  ])
})
