import { ALPHANUMERIC, characterSet, endOfRun, isIn } from './character-set.ts'
import type { SecretSpan } from './secret-span.ts'
import type { TokenRule } from './token-rules.ts'

const MAX_GAP = 8
const JOINER = characterSet('-_.')
const HEXADECIMAL = characterSet('0123456789abcdefABCDEF')

/** The secrets of one rule, in order. Looks at each character a bounded number of times, whatever the text. */
export function findTokens(text: string, rule: TokenRule): SecretSpan[] {
  return rule.heads.flatMap((head) => findHead(text, rule, head))
}

function findHead(text: string, rule: TokenRule, head: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (let at = text.indexOf(head); at !== -1; ) {
    const headEnd = at + head.length
    const bodyStart = rule.gap === undefined ? headEnd : skipGap(text, headEnd, rule)
    // Without the blank that a gap asks for, the head is only the start of a longer word.
    const isApart = rule.gap === undefined || bodyStart > headEnd
    let next = headEnd
    if (isApart && beginsHere(text, at, rule.isWordLike ?? false)) {
      next = Math.max(next, endOfRun(rule.body, text, bodyStart))
      const end = withoutFullStop(text, bodyStart, next)
      if (isSecret(text, rule, head, bodyStart, end)) {
        spans.push({ kind: rule.kind, start: rule.hidesHead ? at : bodyStart, end })
      }
    }
    at = text.indexOf(head, next)
  }
  return spans
}

function isSecret(text: string, rule: TokenRule, head: string, start: number, end: number): boolean {
  const length = end - start
  if (length < rule.min || length > (rule.max ?? Number.POSITIVE_INFINITY)) return false
  if (rule.max !== undefined && isIn(ALPHANUMERIC, text, end)) return false
  return rule.accepts?.(text.slice(start, end), head) ?? true
}

function skipGap(text: string, from: number, rule: TokenRule): number {
  let index = from
  while (rule.gap !== undefined && index - from < MAX_GAP && isIn(rule.gap, text, index)) index++
  return index
}

/** The dot that ends a sentence is no part of the token before it. */
function withoutFullStop(text: string, start: number, end: number): number {
  let last = end
  while (last > start && text.charCodeAt(last - 1) === 46) last--
  return last
}

/**
 * Whether a word begins at `index`. What an escape ends with (`\n` in JSON, `%3D` in a URL) is no part of the word.
 */
function beginsHere(text: string, index: number, isWordLike: boolean): boolean {
  if (isWordLike && isIn(JOINER, text, index - 1)) return false
  if (!isIn(ALPHANUMERIC, text, index - 1)) return true
  if (text[index - 2] === '\\' && 'nrtbf'.includes(text.charAt(index - 1))) return true
  return text[index - 3] === '%' && isIn(HEXADECIMAL, text, index - 2) && isIn(HEXADECIMAL, text, index - 1)
}
