import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintOf, normalizeSubject } from './fingerprint.ts'

const subject = 'tasks.completed'

describe('fingerprintOf', () => {
  test('failures that differ only in ids, numbers, instants or quoted texts are of one kind', () => {
    const pairs = [
      ['task t-17 not found', 'task t-99812 not found'],
      ['timeout after 3000 ms', 'timeout after 12 ms'],
      [
        'no row 0b8f1c1e-7f4e-4c29-9d3e-0d6e4a3b2c11 in table tasks',
        'no row 99999999-aaaa-4bbb-8ccc-dddddddddddd in table tasks',
      ],
      ['failed at 2026-11-21T05:00:00.123Z', 'failed at 2027-01-02 03:04:05'],
      ['unexpected token "a" in JSON', 'unexpected token "{\\"b\\":1}" in JSON'],
      ['connect to http://10.0.0.1:80/x failed', 'connect to https://example.org/y?z=1 failed'],
    ] as const
    for (const [one, other] of pairs) {
      expect(fingerprintOf({ error: one, subject })).toBe(fingerprintOf({ error: other, subject }))
    }
  })

  test('another code, another wording or another subject is another kind', () => {
    const base = { error: 'task t-1 not found', errorCode: 'NOT_FOUND', subject }
    const prints = [
      base,
      { ...base, errorCode: 'GONE' },
      { ...base, error: 'task t-1 is locked' },
      { ...base, subject: 'tasks.failed' },
    ].map(fingerprintOf)
    expect(new Set(prints).size).toBe(prints.length)
  })

  test('a name counts, unless it stands in quotes', () => {
    const of = (error: string): string => fingerprintOf({ error, subject })
    expect(of('customer alice is not known')).not.toBe(of('customer bob is not known'))
    for (const [open, close] of ['""', "''", '``'] as const)
      expect(of(`customer ${open}alice${close} is not known`)).toBe(of('customer "bob" is not known'))
  })

  test('a subject counts without its ids', () => {
    expect(normalizeSubject('tasks.t-17.failed')).toBe('tasks.*.failed')
    const of = (id: string): string => fingerprintOf({ error: 'no', subject: `tasks.${id}.failed` })
    expect(of('t-17')).toBe(of('t-18'))
  })

  test('it is 32 hexadecimal characters, whatever the failure says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (error, errorCode) => {
        expect(fingerprintOf({ error, errorCode, subject })).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })
})
