import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redactFindings } from './redact-findings.ts'
import type { ThreatFinding } from './threat-report.ts'

const finding = (start: number, end: number): ThreatFinding => ({
  ruleId: 'letter-x',
  family: 'limit',
  context: 'log',
  severity: 'low',
  span: [start, end],
  evidence: '',
})

it('one place within another is taken out with it', () => {
  expect(redactFindings('0123456789', [finding(1, 8), finding(2, 4)])).toBe('0[removed: limit]89')
})

it('nothing of a place found is left, and all the rest is', () => {
  const span = fc.tuple(fc.nat(30), fc.nat(8)).map(([start, length]) => finding(start, start + length + 1))
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 6 }), (findings) => {
      const sorted = findings.toSorted((a, b) => a.span[0] - b.span[0])
      const text = Array.from({ length: 40 }, (_, index) =>
        findings.some(({ span: [start, end] }) => index >= start && index < end) ? '!' : '-',
      ).join('')
      const kept = redactFindings(text, sorted).replaceAll('[removed: limit]', '')
      expect(kept).toBe(text.replaceAll('!', ''))
    }),
  )
})
