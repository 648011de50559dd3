import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'

/** Where a cell begins: at the start of the text, after a separator or in a new line, behind blanks and quotes. */
const CELL = '(?:^|[\\n\\r]|[,;\\t](?=\\s{0,4}"?\\s{0,4}[=@]))[\\s"\']{0,9}'

/** After a sign that prose begins lines with too, only what spreadsheets know is a call. */
const FUNCTION =
  '(?:sum|if|and|or|not|concat(?:enate)?|hyperlink|webservice|image|import(?:xml|data|html|feed|range)|filterxml|encodeurl|indirect|index|match|[vhx]?lookup|address|cell|info|offset|char|text|left|right|mid|len|now|today|rand|exec|call|register(?:\\.id)?|dde|query|googlefinance|regexextract|rtd|sql\\.request|cmd|max|min|average|count)'

/** Rules on cells that a spreadsheet would calculate. */
export const CSV_RULES: readonly ThreatRule[] = [
  rule(
    'csv-formula-call',
    'high',
    'A cell that calls a function.',
    `${CELL}(?:[=@][^\\n,;]{0,40}?[a-z_][a-z0-9_.]{1,40}\\(|[+-]{1,3}\\s{0,2}(?:[\\d.]{1,9}[-+*/]){0,4}${FUNCTION}\\()`,
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
