import type { ThreatMatch, ThreatRule, ThreatSeverity } from '../threat-rule.ts'
import { sqlBreakOuts } from './sql-break-out.ts'
import { sqlStatementScans } from './sql-statement-scan.ts'

/** Rules on SQL: a value that leaves its quotes, a name that is none, a statement that does more than read. */
export const SQL_RULES: readonly ThreatRule[] = [
  scanRule(
    'sql-value-break-out',
    'sql-value',
    'high',
    'A value that ends its literal and goes on as SQL.',
    sqlBreakOuts,
  ),
  {
    id: 'sql-value-union',
    family: 'sql-injection',
    severity: 'medium',
    contexts: ['sql-value'],
    summary: 'A second query joined to a first.',
    matcher: {
      kind: 'pattern',
      pattern:
        /\bunion(?:\s|\+|%20|\/\*[^*]{0,40}\*\/){1,9}(?:all(?:\s|\+|%20|\/\*[^*]{0,40}\*\/){1,9})?select\b/gi,
    },
  },
  scanRule(
    'sql-identifier-syntax',
    'sql-identifier',
    'high',
    'Signs or words of SQL in a name.',
    identifierSyntax,
  ),
  scanRule(
    'sql-identifier-unusual',
    'sql-identifier',
    'low',
    'A name that only quoting allows.',
    identifierUnusual,
  ),
  scanRule(
    'sql-statement-several',
    'sql-statement',
    'high',
    'More than one statement, or a hidden end.',
    sqlStatementScans.several,
  ),
  scanRule(
    'sql-statement-writes',
    'sql-statement',
    'high',
    'A statement that changes something.',
    sqlStatementScans.writing,
  ),
  scanRule(
    'sql-statement-locks',
    'sql-statement',
    'medium',
    'A query that keeps others from what it reads.',
    sqlStatementScans.locking,
  ),
  scanRule(
    'sql-statement-dangerous',
    'sql-statement',
    'high',
    'A call or table that a reader has no use for.',
    sqlStatementScans.dangerous,
  ),
]

function scanRule(
  id: string,
  context: 'sql-value' | 'sql-identifier' | 'sql-statement',
  severity: ThreatSeverity,
  summary: string,
  read: (text: string) => Iterable<ThreatMatch>,
): ThreatRule {
  return {
    id,
    family: 'sql-injection',
    severity,
    contexts: [context],
    summary,
    matcher: { kind: 'scan', scan: ({ text }) => read(text) },
  }
}

const SYNTAX =
  /['"`;()*=<>,#\\|&]|--|\/\*|\s(?:where|union|select|from|join|or|and|into|set|values|order|group|having|limit|as|on)\b/gi
const PLAIN_NAME = /^[a-z_][a-z0-9_$]{0,62}(?:\.[a-z_][a-z0-9_$]{0,62}){0,2}$/i

function* identifierSyntax(text: string): Generator<ThreatMatch> {
  for (const match of text.matchAll(SYNTAX)) yield { start: match.index, end: match.index + match[0].length }
}

function* identifierUnusual(text: string): Generator<ThreatMatch> {
  if (text !== '' && !PLAIN_NAME.test(text)) yield { start: 0, end: text.length }
}
