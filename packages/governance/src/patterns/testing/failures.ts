import fc from 'fast-check'
import { errorFingerprint } from '../error-fingerprint.ts'
import type { RecordedFailure } from '../recorded-failure.ts'

/** A failure that was mended, with what matters to a test said. */
export function failureOf(more: Partial<RecordedFailure> = {}): RecordedFailure {
  return {
    tenantId: 'acme',
    taskId: 't-1',
    agentRole: 'developer',
    guard: 'answer-is-json',
    contextSignature: 'python/generate',
    errorFingerprint: errorFingerprint({ error: 'unexpected token' }),
    attempt: 1,
    fixId: 'json-only',
    outcome: 'succeeded',
    ...more,
  }
}

const PRINTS = [errorFingerprint({ error: 'a' }), errorFingerprint({ error: 'b' })] as const

const mended = (fixId: string): { fixId: string; outcome: 'succeeded' } => ({ fixId, outcome: 'succeeded' })

/** Failures of few tasks, kinds and fixes, so that a task often tries a fix twice, with and without success. */
export const failureArbitrary: fc.Arbitrary<RecordedFailure> = fc
  .record({
    taskId: fc.integer({ min: 1, max: 8 }).map((number) => `t-${number}`),
    guard: fc.constantFrom('g', 'h'),
    errorFingerprint: fc.oneof({ weight: 4, arbitrary: fc.constant(PRINTS[0]) }, fc.constant(PRINTS[1])),
    attempt: fc.integer({ min: 1, max: 9 }),
    fix: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(mended('Z'), mended('a')) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('Z', 'a').map((fixId) => ({ fixId, outcome: 'failed' }) as const),
      },
      fc.constantFrom(...['é', '\u{1f600}', '\uffe0'].map(mended)),
      fc.constant({ fixId: null, outcome: 'failed' } as const),
    ),
  })
  .map(({ fix, ...facts }) => failureOf({ ...facts, ...fix }))
