import { GoldenError } from '@golden-arch/core/errors'
import { expect, test } from 'vitest'
import { callersError } from './batch-failure.ts'

const violated = (details: object): GoldenError =>
  new GoldenError({ code: 'CONSTRAINT_VIOLATION', message: 'x', retryable: false, details: { ...details } })

test.each<[object, string]>([
  [{ constraint: 'budgets_used_micros_range', sqlState: '23514' }, 'MONEY_OUT_OF_RANGE'],
  [{ constraint: 'budgets_used_tokens_range', sqlState: '23514' }, 'TOKENS_OUT_OF_RANGE'],
  [{ sqlState: '22003' }, 'TOKENS_OUT_OF_RANGE'],
  [{ constraint: 'budgets_pkey', sqlState: '23505' }, 'CONSTRAINT_VIOLATION'],
])('of %j the caller hears %s', (details, code) => {
  expect(callersError(violated(details))).toMatchObject({ code })
})
