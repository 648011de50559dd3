/** A word or sign of SQL. Literals, quoted names and comments are skipped, but for those that should not be. */
export interface SqlToken {
  /** `open`: a literal or comment that never ends. `executable`: a comment that some databases run. */
  readonly kind: 'word' | 'sign' | 'open' | 'executable'
  /** Lower case. */
  readonly text: string
  readonly start: number
  readonly end: number
}

const STEP =
  /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|--[^\n]*|\d[\w.]*|\s+|\$[a-z_]?\w{0,30}\$|\/\*!?|[\s\S]/giy

/** The tokens of an SQL text, in one pass. */
export function sqlTokens(text: string): readonly SqlToken[] {
  const tokens: SqlToken[] = []
  const push = (kind: SqlToken['kind'], start: number, end: number): void => {
    tokens.push({ kind, text: text.slice(start, end).toLowerCase(), start, end })
  }
  let at = 0
  while (at < text.length) {
    STEP.lastIndex = at
    const step = STEP.exec(text)?.[0] ?? ''
    const start = at
    at += step.length
    const closer = closerOf(step)
    if (closer === undefined) {
      if (/^[a-z_\u0080-\uffff]/i.test(step)) push('word', start, at)
      else if (!/^(?:\s|\d|--)/.test(step)) push('sign', start, at)
      continue
    }
    if (step === '/*!') push('executable', start, at)
    const close = text.indexOf(closer, at)
    if (close === -1) {
      push('open', start, at)
      return tokens
    }
    at = close + closer.length
  }
  return tokens
}

function closerOf(step: string): string | undefined {
  if (step === "'" || step === '"' || step === '`') return step
  if (step === '/*' || step === '/*!') return '*/'
  return step.length > 1 && step.startsWith('$') && step.endsWith('$') ? step : undefined
}
