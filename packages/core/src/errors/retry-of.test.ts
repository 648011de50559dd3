import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GoldenError, retryOf } from './index.ts'

const errorOf = (code: string, retryable = false, details: Record<string, unknown> = {}): GoldenError =>
  new GoldenError({ code, message: 'no', retryable, details })

it('takes what is none of our errors for worth another try', () => {
  for (const error of [new Error('reset'), 'a text', undefined, null, { retryable: false }]) {
    expect(retryOf(error)).toEqual({ retryable: true })
  }
})

it('goes by what our errors say of themselves', () => {
  expect(retryOf(errorOf('X'))).toEqual({ retryable: false })
  expect(retryOf(errorOf('X', true))).toEqual({ retryable: true })
  expect(retryOf(errorOf('X', true, { retryAfterMs: 1500 }))).toEqual({ retryable: true, retryAfterMs: 1500 })
})

it.each([
  'OUTCOME_UNKNOWN',
  'ABORTED',
  'CIRCUIT_ISOLATED',
  'UNIQUE_VIOLATION',
  'FOREIGN_KEY_VIOLATION',
  'QUERY_CANCELLED',
  'AUDIT_WRITER_CLOSED',
  'BROKER_CLOSED',
  'DATABASE_CLOSED',
  'SANDBOX_CLOSED',
  'SANDBOX_SESSION_ENDED',
])('takes %s for a word on the moment, not on the work', (code) => {
  expect(retryOf(errorOf(code)).retryable).toBe(true)
})

it('bounds every pause to a day, and knows no pause but a number from 0 on', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.double(), fc.nat()), (retryAfterMs) => {
      const isPause = typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) && retryAfterMs >= 0
      const expected = isPause ? Math.min(Math.ceil(retryAfterMs), 86_400_000) : undefined
      expect(retryOf(errorOf('X', true, { retryAfterMs })).retryAfterMs).toBe(expected)
    }),
  )
})
