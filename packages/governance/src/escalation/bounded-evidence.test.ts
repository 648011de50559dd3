import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundedEvidence, MAX_EVIDENCE_BYTES } from './bounded-evidence.ts'

describe('evidence', () => {
  it('that is short enough is kept as it is', () => {
    const evidence = { guard: 'g', list: [1, { a: null }], text: 'x'.repeat(MAX_EVIDENCE_BYTES - 100) }
    expect(JSON.parse(boundedEvidence(evidence))).toEqual(evidence)
  })

  it('that is too long keeps the beginning of each long value, and tells what size it had', () => {
    const evidence = { output: 'é'.repeat(20_000), report: { lines: Array(5000).fill('a') }, code: 7 }
    expect(JSON.parse(boundedEvidence(evidence))).toEqual({
      cutFromBytes: Buffer.byteLength(JSON.stringify(evidence)),
      output: `${'é'.repeat(1000)}…`,
      report: `${JSON.stringify(evidence.report).slice(0, 1000)}…`,
      code: 7,
    })
  })

  it('never takes more than its bound, whatever it holds', () => {
    const values = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.jsonValue(),
      fc.constant('\u0000'.repeat(9000)),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary', maxLength: 200 }), values), (evidence) => {
        const text = boundedEvidence({ ...evidence, long: 'ü'.repeat(9000) })
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_EVIDENCE_BYTES)
        expect(JSON.parse(text)).toHaveProperty('cutFromBytes')
      }),
      { numRuns: 50 },
    )
  })

  it('that JSON cannot hold is refused by name', () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    for (const bad of [
      loop,
      { big: 1n },
      [],
      null,
      'text',
      { toJSON: () => 'text' },
      { toJSON: () => undefined },
    ]) {
      expect(() => boundedEvidence(bad as never)).toThrow(
        invalidOption('evidence', expect.stringContaining('JSON')),
      )
    }
  })
})
