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

const PRINTS = ['a', 'b'].map((error) => errorFingerprint({ error }))

/** Failures of few tasks, kinds and fixes, so that they meet. */
export const failureArbitrary: fc.Arbitrary<RecordedFailure> = fc
  .record({
    taskId: fc.integer({ min: 1, max: 12 }).map((number) => `t-${number}`),
    agentRole: fc.constantFrom('developer', 'tester'),
    guard: fc.constantFrom('g', 'h'),
    contextSignature: fc.constantFrom('x', 'y'),
    errorFingerprint: fc.constantFrom(...PRINTS),
    attempt: fc.integer({ min: 1, max: 8 }),
    fix: fc.constantFrom(
      { fixId: null, outcome: 'failed' } as const,
      ...['Z', 'a', 'é', '\u{1f600}', '\uffe0'].map((fixId) => ({ fixId, outcome: 'succeeded' }) as const),
      ...['Z', 'a'].map((fixId) => ({ fixId, outcome: 'failed' }) as const),
    ),
  })
  .map(({ fix, ...facts }) => ({ tenantId: 'acme', ...facts, ...fix }))
