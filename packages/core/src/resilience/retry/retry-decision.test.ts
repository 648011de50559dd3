import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FINAL, transient } from '../failure/failure-verdict.ts'
import { DEFAULT_BACKOFF_OPTIONS } from './backoff-options.ts'
import { decideRetry, type RetryRules } from './retry-decision.ts'

const RULES: RetryRules = {
  maxAttempts: 3,
  maxElapsedMs: 100_000,
  maxRetryAfterMs: 60_000,
  maxCircuitWaitMs: 20_000,
  isIdempotent: true,
  backoff: DEFAULT_BACKOFF_OPTIONS,
}
const failed = { attempts: 1, elapsedMs: 0, verdict: transient('unknown') }

test('work that may have been done is repeated only where that is harmless', () => {
  const careful = { ...RULES, isIdempotent: false }
  expect(decideRetry(failed, careful, 0)).toEqual({ kind: 'give-up', reason: 'not-idempotent' })
  expect(decideRetry({ ...failed, verdict: transient('no') }, careful, 0).kind).toBe('retry')
  expect(decideRetry(failed, RULES, 0).kind).toBe('retry')
})

test('a wait that was asked for is kept in full, with jitter on top, or ends the retrying', () => {
  const asked = (retryAfterMs: number) => ({ ...failed, verdict: transient('no', { retryAfterMs }) })
  expect(decideRetry(asked(7000), RULES, 1)).toMatchObject({ kind: 'retry', delayMs: 7200 })
  expect(decideRetry(asked(60_001), RULES, 0)).toEqual({ kind: 'give-up', reason: 'retry-after' })
})

test('a circuit is waited for no longer than it may be', () => {
  const open = transient('no', { by: 'policy', retryAfterMs: 20_001 })
  expect(decideRetry({ ...failed, verdict: open }, RULES, 0)).toEqual({
    kind: 'give-up',
    reason: 'retry-after',
  })
})

test('what is exactly allowed is allowed: the longest wait for a service and for a circuit, the last moment', () => {
  const asked = (retryAfterMs: number, by: 'policy' | 'service') => ({
    ...failed,
    verdict: transient('no', { by, retryAfterMs }),
  })
  expect(decideRetry(asked(60_000, 'service'), RULES, 0)).toMatchObject({ delayMs: 60_000 })
  expect(decideRetry(asked(20_000, 'policy'), RULES, 0)).toMatchObject({ delayMs: 20_000 })
  expect(decideRetry({ ...failed, elapsedMs: 100_000 }, RULES, 0)).toMatchObject({
    kind: 'retry',
    delayMs: 0,
  })
  expect(decideRetry({ ...failed, elapsedMs: 100_001 }, RULES, 0)).toEqual({
    kind: 'give-up',
    reason: 'deadline',
  })
})

const verdicts = fc.oneof(
  fc.constant(FINAL),
  fc
    .record({
      wasDone: fc.constantFrom('no' as const, 'unknown' as const),
      by: fc.constantFrom('policy' as const, 'service' as const),
      isTimeout: fc.boolean(),
      retryAfterMs: fc.option(fc.double({ min: 0, max: 200_000, noNaN: true }), { nil: undefined }),
    })
    .map(({ wasDone, ...facts }) => transient(wasDone, facts)),
)

test('no pause overruns the deadline or cuts an asked wait short, and no attempt is one too many', () => {
  fc.assert(
    fc.property(
      fc.record({ attempts: fc.integer({ min: 1, max: 12 }), elapsedMs: fc.nat(200_000), verdict: verdicts }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 150_000 }),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (given, maxAttempts, maxElapsedMs, isIdempotent, random) => {
        const rules = { ...RULES, maxAttempts, maxElapsedMs, isIdempotent }
        const decision = decideRetry(given, rules, random)
        if (decision.kind === 'give-up') return
        expect(given.verdict.kind).toBe('transient')
        expect(given.attempts).toBeLessThan(maxAttempts)
        expect(given.elapsedMs + decision.delayMs).toBeLessThanOrEqual(maxElapsedMs)
        if (given.verdict.kind === 'final') return
        expect(decision.delayMs).toBeGreaterThanOrEqual(given.verdict.retryAfterMs ?? 0)
        expect(isIdempotent || given.verdict.wasDone === 'no').toBe(true)
      },
    ),
  )
})
