import type { ThreatMatch } from '../threat-rule.ts'

/** Blanks between the words of SQL, comments and their encodings included. */
const GAP = String.raw`(?:\s|\+|%(?:20|09|0[aAdD])|/\*!?\d{0,6}|\*/|/\*[^*]{1,40}\*/){0,9}`
const CLOSE = `(?:${GAP}\\)){0,4}${GAP}`
const OPERAND = String.raw`[(\s]{0,4}(?:'[^']{0,40}'|"[^"]{0,40}"|0x[0-9a-f]{1,20}|-?\d{1,12}(?:\.\d{1,9})?|true|false|null|@@?[a-z_]{1,30}|[a-z_][\w.]{0,40}(?:\([^()]{0,60}\))?)[)\s]{0,4}`
const OPEN_OPERAND = String.raw`[(\s]{0,4}(?:'[^']{0,40}|"[^"]{0,40}|-?\d{1,12}|[a-z_]\w{0,40})$`
const SIGN = '(?:<=>|<=|>=|<>|!=|=|<|>)'
const WORD_COMPARISON = `(?:not\\b${GAP})?(?:(?:like|rlike|regexp|between)\\b${GAP}['"%\\d(]|is\\b${GAP}(?:not\\b${GAP})?(?:null|true|false)\\b|in\\b${GAP}\\()`
const BOOLEAN = String.raw`(?:or|and|xor|\|\||&&|having|where)`
const END = `${GAP}(?:$|--|#|;|/\\*|\\)|(?:or|and|xor|union|order|group|having|limit)\\b|\\|\\||&&)`
const CALL = String.raw`(?:sleep|benchmark|pg_sleep|extractvalue|updatexml|exists|ascii|substr|substring|length|if|case|load_file|version|database|user|char|ord|mid|cast|convert|coalesce|randomblob|dbms_\w{1,30}|utl_\w{1,30}|make_set|elt|row)`
const OBJECT =
  '(?:table|database|schema|view|index|user|role|function|procedure|trigger|column|sequence|login)'
const STATEMENT = [
  `(?:drop|alter|create|rename)${GAP}(?:or${GAP}replace${GAP})?${OBJECT}\\b${GAP}[\\w"'\`[]`,
  `truncate${GAP}(?:table\\b)?${GAP}[\\w"\`[]`,
  `delete${GAP}from\\b${GAP}[\\w"\`[]`,
  `insert${GAP}into\\b${GAP}[\\w"\`[]`,
  `replace${GAP}into\\b`,
  `update${GAP}[\\w."\`[\\]]{1,60}${GAP}set\\b`,
  `select\\b${GAP}[\\w*(@'"]`,
  `(?:exec|execute|call)\\b${GAP}[\\w(@]`,
  `waitfor${GAP}delay\\b`,
  `grant${GAP}\\w{1,30}`,
  `declare${GAP}@`,
  `copy${GAP}\\w{1,60}${GAP}(?:to|from)\\b`,
  `shutdown\\b`,
  `merge${GAP}into\\b`,
].join('|')
const CONTINUATION = new RegExp(
  [
    `${CLOSE}${BOOLEAN}${GAP}(?:not\\b${GAP})?${OPERAND}${GAP}(?:${SIGN}${GAP}(?:${CALL}${GAP}\\(|\\(?${GAP}select\\b|${OPERAND}${END}|${OPEN_OPERAND})|${WORD_COMPARISON})`,
    `${CLOSE}(?:${BOOLEAN}|\\+|-|\\*|,|=)${GAP}(?:not\\b${GAP})?[(\\s]{0,4}(?:select\\b${GAP}[\\w*(@'"]|${CALL}${GAP}\\()`,
    `${CLOSE}${BOOLEAN}${GAP}(?:not\\b${GAP})?(?:true|\\d{1,9})${GAP}(?:--|#|/\\*|$)`,
    `${CLOSE}${BOOLEAN}${GAP}['"]\\d[^'"]{0,40}$`,
    `${CLOSE}${BOOLEAN}${GAP}(?:''|"")${GAP}[-&^*+/|]?${GAP}['"]$`,
    `${CLOSE}(?:group${GAP}by${GAP}\\w{1,40}${GAP})?having${GAP}\\d`,
    `${CLOSE}union\\b${GAP}(?:all\\b|distinct\\b)?${GAP}\\(?${GAP}(?:select|values|table)\\b`,
    `${CLOSE};${GAP}(?:${STATEMENT})`,
    `${CLOSE}(?:order${GAP}by|group${GAP}by|limit|offset)\\b${GAP}\\d{1,4}${GAP}(?:$|--|#|,)`,
    `${CLOSE}into${GAP}(?:outfile|dumpfile)\\b`,
    `${CLOSE}waitfor${GAP}delay\\b`,
    `${CLOSE}procedure${GAP}analyse\\b`,
    `${CLOSE}(?:not\\b${GAP})?(?:${SIGN}|(?:like|rlike|regexp|in)\\b)${GAP}\\(${GAP}select\\b`,
    `${CLOSE}${SIGN}${GAP}(?:'[^'\\n]{0,40}'|"[^"\\n]{0,40}")${GAP}(?:or|and|xor|\\|\\||&&)(?!\\w)`,
    `${CLOSE};?(?:--|#|/\\*|;?%00)[^\\n]{0,8}$`,
  ].join('|'),
  'iy',
)
const QUOTE = /['"]|%2[27]/g
const NUMBER = /^\s{0,20}[-+]?(?:\d{1,15}|null|true)(?=\D)/i
/** What needs no quote to be left: a condition, a call or a query where a number stands. */
const BARE = new RegExp(
  [
    `[\\s)]{0,9}(?:or|and|\\|\\||&&)${GAP}(?:not\\b${GAP})?(?:\\d{1,9}${GAP}(?:${SIGN}|like\\b)|true${GAP}(?:--|#|/\\*|$)|\\(${GAP}select\\b|(?:${CALL}|like)${GAP}\\([^\\n]{0,200}\\)${GAP}(?:$|--|#|/\\*|=))`,
    `[\\s)]{0,9};?${GAP}waitfor${GAP}delay${GAP}['"]`,
    `\\s{0,9}(?:[+(|&-]{1,2}${GAP}|order${GAP}by${GAP})?(?:sleep|benchmark|pg_sleep|randomblob|load_file)${GAP}\\([^()\\n]{0,60}(?:\\([^()\\n]{0,40}\\))?[^()\\n]{0,20}\\)${GAP}(?:$|--|#|/\\*|=|\\+)`,
    `\\s{0,9}\\(${GAP}select\\b[^\\n]{0,80}?(?:\\bfrom\\b|\\()`,
  ].join('|'),
  'iy',
)
const COMMENT_ONLY = /^\s*;?\s*(?:--|#|\/\*)/

/** Places where a text ends the literal that it stands in and goes on as SQL that could be valid. Linear. */
export function* sqlBreakOuts(text: string): Generator<ThreatMatch> {
  BARE.lastIndex = 0
  if (BARE.test(text)) yield { start: 0, end: BARE.lastIndex }
  const number = NUMBER.exec(text)
  if (number !== null) {
    const end = continuation(text, number[0].length)
    // `5 #` and `5 --` are how people write, and a comment alone changes nothing after a number.
    if (end !== undefined && !COMMENT_ONLY.test(text.slice(number[0].length, end))) yield { start: 0, end }
  }
  const opened = new Set<string>()
  let after = -1
  for (const match of text.matchAll(QUOTE)) {
    const quote = match[0] === '%27' ? "'" : match[0] === '%22' ? '"' : match[0]
    if (match.index === after && text[after - 1] === quote) {
      after = -1
      continue
    }
    after = match.index + match[0].length
    const end = continuation(text, after)
    // Only the first quote of a kind ends the literal around; one further on would break the statement.
    const isFirst = !opened.has(quote) && text[after] !== quote
    if (text[after] !== quote) opened.add(quote)
    if (end !== undefined)
      yield { start: match.index, end, ...(isFirst ? {} : { severity: 'medium' as const }) }
  }
}

function continuation(text: string, at: number): number | undefined {
  CONTINUATION.lastIndex = at
  return CONTINUATION.test(text) ? CONTINUATION.lastIndex : undefined
}
