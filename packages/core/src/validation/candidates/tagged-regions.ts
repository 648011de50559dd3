import type { Region } from './split-fences.ts'

const NAMES =
  'json|answer|output|result|results|response|final|final_answer|finalanswer|tool_call|function_call|data|object|reply|verdict'
// A tag counts where only words stand before it on its line: there it cannot stand in a JSON string.
const OPENING = new RegExp(`^(?:[^"'{}[\\]“<\\n]|\\b'\\b)*<(${NAMES})(?:\\s[^<>\\n]*)?>`, 'gim')

/** The stretches of an answer within XML-like tags that models put around what they answer, such as `<json>…</json>`. */
export function findTagged(text: string): readonly Region[] {
  const regions: Region[] = []
  if (!text.includes('</')) return regions
  const missing = new Set<string>()
  OPENING.lastIndex = 0
  for (let tag = OPENING.exec(text); tag !== null; tag = OPENING.exec(text)) {
    const name = (tag[1] ?? '').toLowerCase()
    if (missing.has(name)) continue
    const start = OPENING.lastIndex
    const closing = new RegExp(`</${name}\\s*>`, 'gi')
    closing.lastIndex = start
    const close = closing.exec(text)
    // Looked for to the end of the text once for each name, so that many unclosed tags take linear time.
    if (close === null) missing.add(name)
    else {
      regions.push({ kind: 'tag', start, end: close.index, language: '', isOpenEnd: false })
      OPENING.lastIndex = closing.lastIndex
    }
  }
  return regions
}
