import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorFingerprint, normalizeError } from './error-fingerprint.ts'

describe('errorFingerprint', () => {
  it('is the same for errors that differ in ids, numbers, instants, addresses, quoted texts, letter size or spaces', () => {
    for (const [one, other] of [
      ['task t-17 not found', 'Task  t-99812 not found'],
      ['timeout after 3000 ms', 'timeout after 12 ms'],
      ['no row 0b8f1c1e-7f4e-4c29-9d3e-0d6e4a3b2c11 in tasks', 'no row 99999999-aaaa in tasks'],
      ['failed at 2026-11-21T05:00:00.123Z\n', 'failed at 2027-01-02T03:04:05'],
      ['unexpected token "a" in JSON', 'unexpected token "{\\"b\\":1}" in JSON'],
      ['connect to http://a.b/x failed', 'connect to https://example.org/y?z=1 failed'],
      ['ﬁle missing', 'file missing'],
    ] as const) {
      expect(errorFingerprint({ error: one })).toBe(errorFingerprint({ error: other }))
    }
  })

  it('differs by code and by wording', () => {
    const prints = [
      { error: 'task t-1 not found' },
      { error: 'task t-1 is locked' },
      { error: 'task t-1 not found', errorCode: 'GONE' },
    ].map(errorFingerprint)
    expect(new Set(prints).size).toBe(3)
  })

  it('is 32 hexadecimal digits, whatever the error says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (error) => {
        expect(errorFingerprint({ error })).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })
})

describe('normalizeError', () => {
  it('changes nothing the second time', () => {
    const words = fc.constantFrom('task', 't-17', '"a b"', "'x'", '3.5', 'http://a.b/c', '<id>', 'é', '`q`')
    fc.assert(
      fc.property(
        fc.array(words).map((list) => list.join(' ')),
        (error) => {
          const once = normalizeError(error)
          expect(normalizeError(once)).toBe(once)
        },
      ),
    )
  })

  it('reads no further than its bound, in a text full of quotation marks too', () => {
    for (const text of ['x', '"', "'", '"\\', '`a', 'a://']) {
      expect(normalizeError(text.repeat(500_000)).length).toBeLessThan(20_000)
    }
  })
})
