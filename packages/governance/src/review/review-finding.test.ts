import { expect, test } from 'vitest'
import { type ReviewFinding, worstSeverity } from './review-finding.ts'

const found = (...severities: readonly ReviewFinding['severity'][]): readonly ReviewFinding[] =>
  severities.map((severity) => ({ severity, message: 'wrong' }))

test.each([
  ['none', found()],
  ['minor', found('minor', 'minor')],
  ['major', found('minor', 'major', 'minor')],
  ['critical', found('critical', 'minor', 'major')],
] as const)('findings are as bad as the worst of them: %s', (severity, findings) => {
  expect(worstSeverity(findings)).toBe(severity)
})
