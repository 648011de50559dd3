import { isElision } from './elision.ts'
import { type ReadState, repair, stopReading } from './read-state.ts'

// Blanks that JSON does not know and that copying from pages and editors leaves.
const UNUSUAL_BLANK = /[\f\v\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/

/** Goes to the next character that is no blank and in no comment. @returns false when reading stopped. */
export function skipBlanks(state: ReadState): boolean {
  const { text, limit } = state
  let at = state.at
  while (at < limit) {
    const unit = text.charCodeAt(at)
    if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) at++
    else {
      state.at = at
      return unit > 0x2f ? unit < 0x80 || skipUnusual(state) : skipOther(state, unit)
    }
  }
  state.at = at
  return true
}

function skipOther(state: ReadState, unit: number): boolean {
  if (unit === 0x2f) return skipSlashComment(state)
  if (unit === 0x23) return skipHashComment(state)
  return unit === 0x0b || unit === 0x0c ? skipUnusual(state) : true
}

function skipUnusual(state: ReadState): boolean {
  const start = state.at
  let end = start
  while (end < state.limit && UNUSUAL_BLANK.test(state.text.charAt(end))) end++
  if (end === start || !state.canRepair) return true
  state.at = end
  return repair(state, 'unusual-blank', start, end) && skipBlanks(state)
}

function skipSlashComment(state: ReadState): boolean {
  const { text, at, limit } = state
  if (at + 1 >= limit && state.canRepair) {
    stopReading(state, 'TRUNCATED', at, limit)
    return false
  }
  const next = text.charCodeAt(at + 1)
  if (next === 0x2f) return endComment(state, endOfLine(text, at, limit))
  if (next !== 0x2a) return true
  const close = text.indexOf('*/', at + 2)
  if (close === -1 || close + 2 > limit) {
    if (!state.canRepair) return true
    stopReading(state, 'TRUNCATED', at, limit)
    return false
  }
  return endComment(state, close + 2)
}

function skipHashComment(state: ReadState): boolean {
  const { text, at, limit } = state
  const before = at === 0 ? '\n' : text.charAt(at - 1)
  // "[#12]" is a label of prose, not a list whose content is commented out.
  if ((before === '[' || before === '{') && !/\s/.test(text.charAt(at + 1))) return true
  return endComment(state, endOfLine(text, at, limit))
}

function endComment(state: ReadState, end: number): boolean {
  const start = state.at
  if (!state.canRepair) return true
  if (isElision(state.text.slice(start, end))) {
    stopReading(state, 'ELIDED', start, end)
    return false
  }
  state.at = end
  return repair(state, 'comment', start, end) && skipBlanks(state)
}

function endOfLine(text: string, at: number, limit: number): number {
  const newline = text.indexOf('\n', at)
  return newline === -1 || newline > limit ? limit : newline
}
