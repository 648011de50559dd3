/** What a piece of SQL leaves open at its end: a quoted text, a quoted name, a comment, or nothing. */
export type OpenQuote = 'string' | 'identifier' | 'dollar-quote' | 'line-comment' | 'block-comment' | null

/** One closed quote or comment, or the start of one that is not closed, or a placeholder written by hand. */
const TOKEN = new RegExp(
  [
    String.raw`(?<escaped>(?<![A-Za-z0-9_$])[eE]'(?:[^'\\]|\\[^]|'')*)(?<escapedEnd>'?)`,
    `(?<string>'[^']*)(?<stringEnd>'?)`,
    '(?<identifier>"[^"]*)(?<identifierEnd>"?)',
    String.raw`(?<line>--[^\n]*)(?<lineEnd>\n?)`,
    String.raw`(?<block>/\*)`,
    String.raw`(?<![A-Za-z0-9_$])(?<dollar>\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$)`,
    String.raw`(?<placeholder>\$\d)`,
  ].join('|'),
  'g',
)

/** What `text` leaves open, and whether a placeholder (`$1`) is written in it by hand. */
export function scanSqlText(text: string): { readonly open: OpenQuote; readonly hasPlaceholder: boolean } {
  let hasPlaceholder = false
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const groups = match.groups ?? {}
    if (groups.placeholder !== undefined) hasPlaceholder = true
    const open = openEnd(groups)
    if (open !== null) return { open, hasPlaceholder }
    if (groups.block !== undefined) {
      const end = endOfBlockComment(text, TOKEN.lastIndex)
      if (end === -1) return { open: 'block-comment', hasPlaceholder }
      TOKEN.lastIndex = end
    }
    if (groups.dollar !== undefined) {
      const end = text.indexOf(groups.dollar, TOKEN.lastIndex)
      if (end === -1) return { open: 'dollar-quote', hasPlaceholder }
      TOKEN.lastIndex = end + groups.dollar.length
    }
  }
  return { open: null, hasPlaceholder }
}

function openEnd(groups: Readonly<Record<string, string | undefined>>): OpenQuote {
  if (groups.escapedEnd === '' || groups.stringEnd === '') return 'string'
  if (groups.identifierEnd === '') return 'identifier'
  return groups.lineEnd === '' ? 'line-comment' : null
}

/** Block comments nest in PostgreSQL. */
function endOfBlockComment(text: string, from: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = from
  let depth = 1
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return -1
}
