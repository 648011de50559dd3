import { expect, test } from 'vitest'
import type { ResolvedUsage } from '../pricing/usage.ts'
import { type BudgetStep, isSameStep } from './budget-step.ts'

const REQUEST = {
  ...{ requestId: 'r', scope: { tenantId: 't', projectId: 'p' }, tokens: 5, micros: 7, currency: 'USD' },
  ...{ model: undefined, ttlMs: 1000, kindKey: 'k' },
}
const USAGE: ResolvedUsage = {
  ...{ tokens: 5, micros: 7, currency: 'USD', basis: 'actual', known: undefined, isPricedHere: false },
}
const request = (changes: object = {}): BudgetStep => ({
  ...{ kind: 'request', request: { ...REQUEST, ...changes }, isAged: false },
})
const commit = (changes: object = {}, isCapped = false): BudgetStep => ({
  ...{ kind: 'commit', usage: { ...USAGE, ...changes }, isCapped },
})
const extend = (changes: object = {}): BudgetStep => ({
  ...{ kind: 'extend', ttlMs: 1000, tokens: 5, micros: null, ...changes },
})
const [RELEASE, EXPIRE]: [BudgetStep, BudgetStep] = [{ kind: 'release' }, { kind: 'expire' }]

test.each([
  [request(), request({ model: 'the key has it' })],
  [commit(), commit({ currency: 'EUR' })],
  [extend(), extend()],
  [RELEASE, RELEASE],
  [EXPIRE, EXPIRE],
])('%j can take the answer of the same step', (left, right) => {
  expect([isSameStep(left, right), isSameStep(right, left)]).toEqual([true, true])
})

test.each([
  [request(), request({ kindKey: 'other' })],
  [request(), request({ tokens: 6 })],
  [request(), request({ micros: 8 })],
  [request(), request({ ttlMs: 1001 })],
  [commit(), commit({ tokens: 6 })],
  [commit(), commit({ micros: 8 })],
  [commit(), commit({ basis: 'estimate' })],
  [commit(), commit({}, true)],
  [extend(), extend({ ttlMs: null })],
  [extend(), extend({ tokens: 6 })],
  [extend(), extend({ micros: 8 })],
  [RELEASE, EXPIRE],
  [request(), RELEASE],
  [commit(), RELEASE],
  [extend(), EXPIRE],
])('%j is another step than %j', (left, right) => {
  expect([isSameStep(left, right), isSameStep(right, left)]).toEqual([false, false])
})
