import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'

/** Where a cell begins: at the start of the text, after a separator or in a new line, behind blanks and quotes. */
const CELL = '(?:^|[\\n\\r]|[,;\\t](?=\\s{0,4}"?\\s{0,4}[=@]))[\\s"\']{0,9}'

/** Rules on cells that a spreadsheet would calculate. */
export const CSV_RULES: readonly ThreatRule[] = [
  rule(
    'csv-formula-call',
    'high',
    'A cell that calls a function.',
    `${CELL}[=@+-][^\\n,;]{0,40}?[a-z_][a-z0-9_.]{1,40}\\(`,
  ),
  rule(
    'csv-exchange',
    'high',
    'A cell that starts a program.',
    `${CELL}[=@+-][^\\n]{0,80}?[a-z]{1,40}\\|[^\\n]{0,120}?!`,
  ),
  rule('csv-formula', 'medium', 'A cell that is calculated.', `${CELL}=\\s{0,4}[-+(\\w$"{#]`),
]

function rule(id: string, severity: ThreatSeverity, summary: string, pattern: string): ThreatRule {
  return {
    id,
    family: 'formula-injection',
    severity,
    contexts: ['csv'],
    summary,
    matcher: { kind: 'pattern', pattern: new RegExp(pattern, 'gi') },
  }
}
