import { expect, it } from 'vitest'
import { FailureCounts } from './failure-counts.ts'
import type { TripRule } from './trip-rule.ts'

const NEVER: TripRule = { name: 'never', open: () => ({ record: () => false, clear: () => {} }) }

it('asks how long calls take only where a rule wants to know', () => {
  expect(new FailureCounts({ failureThreshold: 5, tripRules: [] }).isTimed).toBe(false)
  expect(new FailureCounts({ failureThreshold: 5, tripRules: [NEVER] }).isTimed).toBe(true)
})

it('names who speaks first: the failures in a row, then the rules in their order, all of which have counted', () => {
  const counted: string[] = []
  const rule = (name: string): TripRule => ({
    name,
    open: () => ({ record: () => counted.push(name) > 0, clear: () => {} }),
  })
  const counts = new FailureCounts({ failureThreshold: 2, tripRules: [NEVER, rule('one'), rule('two')] })
  expect(counts.record(true, 0, 0)).toBe('one')
  expect(counts.record(true, 0, 0)).toBe('consecutive-failures')
  expect(counted).toEqual(['one', 'two', 'one', 'two'])
})
