import { type CandidateSearch, firstPlace } from './find-candidates.ts'
import type { Region } from './split-fences.ts'

const NAMES =
  'json|answer|output|result|results|response|final|final_answer|finalanswer|tool_call|function_call|data|object|reply|verdict'
// A tag counts where only words stand before it on its line: there it cannot stand in a JSON string.
const OPENING = new RegExp(
  `^(?:[^"'{}[\\]“<\\n]|\\b'\\b)*<(?:(${NAMES})(?:\\s[^<>\\n]*)?>|!\\[CDATA\\[)`,
  'gim',
)

/** The stretches of an answer within XML-like tags that models put around what they answer, such as `<json>…</json>`. */
export function findTagged(text: string, search: CandidateSearch): readonly Region[] {
  const regions: Region[] = []
  if (!text.includes('</') && !text.includes(']]>')) return regions
  const missing = new Set<string>()
  let mayRead = true
  OPENING.lastIndex = 0
  for (let tag = OPENING.exec(text); tag !== null; tag = OPENING.exec(text)) {
    const name = tag[1]?.toLowerCase() ?? ''
    if (missing.has(name)) continue
    const start = OPENING.lastIndex
    const closing = name === '' ? /\]\]>/g : new RegExp(`</${name}\\s*>`, 'gi')
    closing.lastIndex = start
    const first = firstPlace(text, start)
    if (mayRead && /[{[]/.test(text.charAt(first))) {
      // What looks like the closing tag may stand in a string of the JSON.
      const reading = search.read(first, text.length)
      if (reading.kind === 'whole') closing.lastIndex = reading.end
      // Looked for to the end of the text once, so that many tags take linear time.
      else mayRead = reading.fault.code !== 'TRUNCATED'
    }
    const close = closing.exec(text)
    if (close === null) missing.add(name)
    else {
      regions.push({ kind: 'tag', start, end: close.index, language: '', isOpenEnd: false })
      OPENING.lastIndex = closing.lastIndex
    }
  }
  return regions
}
