/** Words of PromQL that stand where names of metrics stand. */
const WORDS = new Set([
  ...[
    'and',
    'or',
    'unless',
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'by',
    'without',
    'offset',
    'bool',
  ],
  ...['inf', 'nan'],
])

/** The names of the metrics in a query, without those of functions and labels. */
export function metricNames(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^{}]*\}/g, ' ')
    .replaceAll(/\[[^[\]]*\]/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/g, ' ')
    .replaceAll(/\boffset\s+\w+/g, ' ')
  const names = bare.match(/[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])/g) ?? []
  return [...new Set(names.filter((name) => !WORDS.has(name.toLowerCase())))]
}
