import { expect, it } from 'vitest'
import { FailureCounts } from './failure-counts.ts'
import type { TripRule } from './trip-rule.ts'

const NEVER: TripRule = { name: 'never', open: () => ({ record: () => false, clear: () => {} }) }

it('asks how long calls take only where a rule wants to know', () => {
  expect(new FailureCounts({ failureThreshold: 5, tripRules: [] }).isTimed).toBe(false)
  expect(new FailureCounts({ failureThreshold: 5, tripRules: [NEVER] }).isTimed).toBe(true)
})
