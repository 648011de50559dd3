import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GoldenError } from '../../errors/index.ts'
import { StorageError } from '../../storage/index.ts'
import { decideRunEnd, type RunCause, type WorkEnd } from './decide-run-end.ts'

const CAUSES = [undefined, 'cancelled', 'lost', 'deadline', 'stopped'] as const

const anyCause = fc.constantFrom<(RunCause | undefined)[]>(...CAUSES)
const anyError = fc.oneof(
  fc.string().map((message) => new Error(message)),
  fc.boolean().map((retryable) => new GoldenError({ code: 'X', message: 'x', retryable })),
  fc.anything(),
)
const anyEnd: fc.Arbitrary<WorkEnd<number>> = fc.oneof(
  fc.integer().map((result) => ({ kind: 'resolved' as const, result })),
  anyError.map((error) => ({ kind: 'threw' as const, error })),
  fc.constant({ kind: 'abandoned' as const }),
)

it('writes nothing of a step that was cancelled, and keeps any other work that was done', () => {
  fc.assert(
    fc.property(anyEnd, anyCause, (end, cause) => {
      const decision = decideRunEnd(end, cause, 1000)
      if (cause === 'cancelled') expect(decision).toEqual({ kind: 'cancelled' })
      else if (end.kind === 'resolved') expect(decision).toEqual({ kind: 'finish', result: end.result })
      else expect(decision.kind).not.toBe('finish')
    }),
  )
})

it('gives back only a step that nobody works on any more, as its process stops', () => {
  fc.assert(
    fc.property(anyEnd, anyCause, (end, cause) => {
      const isGivenBack = decideRunEnd(end, cause, 1000).kind === 'release'
      expect(isGivenBack).toBe(cause === 'stopped' && end.kind === 'threw')
    }),
  )
})

it('fails a run by its own error only where nobody told it to end', () => {
  fc.assert(
    fc.property(anyError, anyCause, (error, cause) => {
      const decision = decideRunEnd({ kind: 'threw', error }, cause, 1000)
      if (decision.kind !== 'fail') return
      expect(cause === undefined || cause === 'deadline').toBe(true)
      if (cause === 'deadline')
        expect(decision).toMatchObject({ retryable: true, error: { code: 'DEADLINE_EXCEEDED' } })
      else expect(decision.error).toBe(error)
    }),
  )
})

it.each([
  [new Error('a reset connection'), { retryable: true }],
  ['a text', { retryable: true }],
  [new GoldenError({ code: 'X', message: 'x' }), { retryable: false }],
  [new GoldenError({ code: 'X', message: 'x', retryable: true }), { retryable: true }],
  [StorageError.of('OUTCOME_UNKNOWN', 'the answer was lost'), { retryable: true }],
  [
    new GoldenError({ code: 'X', message: 'x', retryable: true, details: { retryAfterMs: 1500 } }),
    { retryable: true, retryAfterMs: 1500 },
  ],
  [
    new GoldenError({ code: 'X', message: 'x', retryable: true, details: { retryAfterMs: 1e12 } }),
    { retryable: true, retryAfterMs: 86_400_000 },
  ],
  [new GoldenError({ code: 'X', message: 'x', details: { retryAfterMs: -1 } }), { retryable: false }],
])('lets the error say whether and when another run may succeed', (error, retry) => {
  expect(decideRunEnd({ kind: 'threw', error }, undefined, 1000)).toEqual({ kind: 'fail', error, ...retry })
})

it.each([
  [{ retryAfterMs: 50 }, 50],
  [{}, 1000],
  [{ retryAfterMs: 1e12 }, 86_400_000],
])('holds a step back that its work cannot begin, for as long as the error says', (details, afterMs) => {
  const error = new GoldenError({ code: 'STEP_NOT_NOW', message: 'x', retryable: true, details })
  expect(decideRunEnd({ kind: 'threw', error }, undefined, 1000)).toEqual({ kind: 'hold-back', afterMs })
  expect(decideRunEnd({ kind: 'threw', error }, 'stopped', 1000)).toEqual({ kind: 'release' })
})

it.each([
  ['cancelled', 'cancelled'],
  ['running', 'lost'],
  ['done', 'lost'],
])('takes a claim that no longer holds, as the step is %s, for %s', (state, kind) => {
  const error = new GoldenError({ code: 'STEP_LEASE_LOST', message: 'x', details: { state } })
  expect(decideRunEnd({ kind: 'threw', error }, undefined, 1000)).toEqual({ kind })
})
