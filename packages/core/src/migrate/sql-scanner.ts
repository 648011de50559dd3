/** A piece of a statement that matters for what kind of statement it is. Literals are left out. */
export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'symbol'
  /** A word in upper case; a quoted identifier as the name it stands for; a symbol as written. */
  readonly text: string
  /** The piece as written. */
  readonly source: string
}

/** One statement. */
export interface SqlStatement {
  readonly tokens: readonly SqlToken[]
  /** Line of its first token, from 1. */
  readonly line: number
}

/** What keeps a text from being plain SQL. */
export interface SqlFault {
  readonly kind: 'unterminated' | 'backslash'
  readonly what: string
  readonly line: number
}

/** What a text of SQL consists of. */
export interface SqlScan {
  readonly statements: readonly SqlStatement[]
  readonly faults: readonly SqlFault[]
}

/** What the server takes for a blank; other blanks of Unicode are letters to it. */
const SPACE = /[ \t\n\r\f\v]+/y
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const NUMBER = /\d[\w.]*/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const LINE_END = /[\n\r]/g
const COMMENT_MARK = /\/\*|\*\//g

/**
 * Splits PostgreSQL's SQL into statements. It knows quotes, `E''` strings, quoted identifiers, dollar quotes, line and
 * nested block comments, parentheses and `BEGIN ATOMIC` bodies; `standard_conforming_strings` is taken to be on.
 */
export function scanSql(text: string): SqlScan {
  const statements: SqlStatement[] = []
  const faults: SqlFault[] = []
  let tokens: SqlToken[] = []
  let statementLine = 1
  let parentheses = 0
  let atomicDepth = 0
  let position = 0
  let line = 1
  let lineCountedTo = 0

  const lineNow = (): number => {
    for (; lineCountedTo < position; lineCountedTo++) if (text.charCodeAt(lineCountedTo) === 10) line++
    return line
  }
  const add = (kind: SqlToken['kind'], value: string, source: string): void => {
    if (tokens.length === 0) statementLine = lineNow()
    tokens.push({ kind, text: value, source })
  }
  const endStatement = (): void => {
    if (tokens.length > 0) statements.push({ tokens, line: statementLine })
    tokens = []
    parentheses = 0
    atomicDepth = 0
  }
  const cut = (end: number, what: string): number => {
    if (end !== -1) return end
    faults.push({ kind: 'unterminated', what, line: lineNow() })
    return text.length
  }
  const addWord = (source: string): void => {
    const word = source.toUpperCase()
    if (atomicDepth > 0) {
      if (word === 'CASE') atomicDepth++
      if (word === 'END') atomicDepth--
    } else if (word === 'ATOMIC' && tokens.at(-1)?.text === 'BEGIN' && definesRoutine(tokens)) {
      atomicDepth = 1
    }
    add('word', word, source)
  }

  while (position < text.length) {
    const character = text.charAt(position)
    const space = match(SPACE, text, position)
    if (space !== '') {
      position += space.length
      continue
    }
    if (text.startsWith('--', position)) {
      position = endOfLine(text, position)
      continue
    }
    if (text.startsWith('/*', position)) {
      position = cut(endOfBlockComment(text, position), 'comment')
      continue
    }
    const word = match(WORD, text, position)
    if (word !== '') {
      addWord(word)
      position += word.length
      if ((word === 'E' || word === 'e') && text.charAt(position) === "'") {
        position = cut(endOfQuoted(text, position, true), 'string')
      }
      continue
    }
    if (character === "'") {
      position = cut(endOfQuoted(text, position, false), 'string')
      continue
    }
    if (character === '"') {
      const end = cut(endOfQuoted(text, position, false), 'quoted identifier')
      const source = text.slice(position, end)
      add('quoted', source.slice(1, -1).replaceAll('""', '"'), source)
      position = end
      continue
    }
    const tag = match(DOLLAR_TAG, text, position)
    if (tag !== '') {
      const close = text.indexOf(tag, position + tag.length)
      position = cut(close === -1 ? -1 : close + tag.length, `dollar quote ${tag}`)
      continue
    }
    const number = match(NUMBER, text, position)
    if (number !== '') {
      position += number.length
      continue
    }
    if (character === '\\') faults.push({ kind: 'backslash', what: lineOf(text, position), line: lineNow() })
    if (character === '(') parentheses++
    if (character === ')') parentheses--
    if (character === ';' && parentheses <= 0 && atomicDepth === 0) endStatement()
    else add('symbol', character, character)
    position++
  }
  endStatement()
  return { statements, faults }
}

function match(pattern: RegExp, text: string, position: number): string {
  pattern.lastIndex = position
  return pattern.exec(text)?.[0] ?? ''
}

/** The position after the quote that closes the one at `start`, or -1. A doubled quote stands for itself. */
function endOfQuoted(text: string, start: number, backslashEscapes: boolean): number {
  const quote = text.charAt(start)
  for (let index = start + 1; index < text.length; index++) {
    const character = text.charAt(index)
    if (backslashEscapes && character === '\\') index++
    else if (character === quote) {
      if (text.charAt(index + 1) !== quote) return index + 1
      index++
    }
  }
  return -1
}

function endOfBlockComment(text: string, start: number): number {
  let depth = 0
  COMMENT_MARK.lastIndex = start
  for (let mark = COMMENT_MARK.exec(text); mark !== null; mark = COMMENT_MARK.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return COMMENT_MARK.lastIndex
  }
  return -1
}

function definesRoutine(tokens: readonly SqlToken[]): boolean {
  const words = tokens.slice(0, 4).map((token) => token.text)
  const kind = words[1] === 'OR' && words[2] === 'REPLACE' ? words[3] : words[1]
  return words[0] === 'CREATE' && (kind === 'FUNCTION' || kind === 'PROCEDURE')
}

function lineOf(text: string, position: number): string {
  return text.slice(position, endOfLine(text, position)).slice(0, 40)
}

/** A lone carriage return ends a line comment too. */
function endOfLine(text: string, position: number): number {
  LINE_END.lastIndex = position
  return LINE_END.exec(text)?.index ?? text.length
}
