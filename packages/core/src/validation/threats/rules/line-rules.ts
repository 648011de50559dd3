import type { ThreatRule, ThreatSeverity } from '../threat-rule.ts'

/** A line break, percent-encoded once or more; the two Chinese characters are cut to CR and LF by some encoders. */
const ENCODED =
  '(?:%(?:25){0,3}0[ad]|%u000[ad]|%%0[ad]0[ad]|%25%30(?:%61|%64|[ad])|%e5%98%8[ad]|[\\u560a\\u560d])'
const BREAK = `(?:[\\r\\n\\u0085\\u2028\\u2029]|${ENCODED})`

/** Rules on headers and log lines: what would end a line and begin one of the writer's own. */
export const LINE_RULES: readonly ThreatRule[] = [
  rule(
    'header-line-break',
    'header',
    'high',
    'A line break or NUL in a header.',
    '[\\r\\n\\u0000\\u0085\\u2028\\u2029]',
  ),
  rule(
    'header-control',
    'header',
    'medium',
    'A control character, which no header may hold.',
    '[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]',
  ),
  rule('header-encoded-break', 'header', 'high', 'An encoded line break, and a header or a body after it.', [
    `${ENCODED}{1,4}\\s{0,9}[a-z][a-z0-9-]{1,40}\\s{0,3}:`,
    `${ENCODED}{2,4}\\s{0,9}<`,
  ]),
  rule(
    'log-forged-level',
    'log',
    'medium',
    'A line break, and the word of a level after it.',
    `${BREAK}{1,4}\\s?(?:trace|debug|info|notice|warn|warning|error|critical|fatal|emerg|alert)(?:[:=|]|\\s{1,3}(?:\\[|[a-z]{1,30}[=:]|-\\s))`,
  ),
  rule('log-forged-record', 'log', 'high', 'A line break, and the start of a record after it.', [
    `${BREAK}{1,4}\\s?[[(](?:trace|debug|info|notice|warn|warning|error|critical|fatal|emerg|alert)[\\])]`,
    `${BREAK}{1,4}\\s?[[({"]{0,2}\\d{4}-\\d\\d-\\d\\d[t ]\\d\\d:\\d\\d`,
    `${BREAK}{1,4}\\s?\\[?(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6},?\\s{1,3}\\d{1,2}\\b[^\\n]{0,20}\\d\\d:\\d\\d`,
    `${BREAK}{1,4}\\s?\\{\\s{0,9}"(?:level|time|timestamp|ts|msg|message|severity|@timestamp)"\\s{0,9}:`,
    `${BREAK}{1,4}\\s?\\d{1,3}(?:\\.\\d{1,3}){3}\\s{1,3}-\\s{1,3}\\S{1,60}\\s{1,3}\\[`,
    `${BREAK}{1,4}\\s?(?:level|lvl|severity|ts|time)=`,
  ]),
  rule(
    'log-overwrite',
    'log',
    'high',
    'A character that goes back over what was written.',
    '\\r(?=[^\\r\\n])|[\\u0008\\u007f]',
  ),
  rule(
    'log-terminal',
    'log',
    'high',
    'A control sequence of a terminal.',
    '[\\u001b\\u009b\\u0090\\u009d]|\\u0007',
  ),
  rule(
    'log-control',
    'log',
    'medium',
    'A control character that a reader of the log does not see.',
    '[\\u0000-\\u0006\\u000b\\u000c\\u000e-\\u001a\\u001c-\\u001f]',
  ),
  rule('log-lookup', 'log', 'high', 'A lookup that a logging library would follow.', [
    '\\$\\{\\s{0,9}(?:jndi|\\$\\{|lower:|upper:|env:|sys:|::-)',
    '\\$\\{[^{}]{0,40}:-[^{}]{0,40}\\}[^{}]{0,40}:(?:ldaps?|rmi|dns|iiop):',
  ]),
  rule(
    'log-direction',
    'log',
    'medium',
    'A character that turns the direction of writing.',
    '[\\u202a-\\u202e\\u2066-\\u2069]',
  ),
]

function rule(
  id: string,
  context: 'header' | 'log',
  severity: ThreatSeverity,
  summary: string,
  patterns: string | readonly string[],
): ThreatRule {
  const pattern = new RegExp(typeof patterns === 'string' ? patterns : patterns.join('|'), 'gi')
  // As written: normalisation leaves out the very characters that are looked for.
  return {
    id,
    family: 'line-injection',
    severity,
    contexts: [context],
    summary,
    reads: 'text',
    matcher: { kind: 'pattern', pattern },
  }
}
