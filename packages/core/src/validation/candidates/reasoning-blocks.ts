/** An answer without its reasoning. `unclosed`: a block was opened and never closed, so the answer is cut short. */
export type WithoutReasoning =
  | { readonly kind: 'kept' | 'stripped'; readonly text: string }
  | { readonly kind: 'unclosed' }

// A tag counts only where a line begins: there it cannot stand inside a JSON string, which holds no raw line break.
const TAG_AT_LINE_START = /^[ \t]*<(\/?)(think|thinking|reasoning)>/gim

/**
 * Removes reasoning blocks, `<think>…</think>` and the like. A closing tag without an opening one ends a block that
 * began with the text, as some models' templates leave it.
 */
export function removeReasoning(text: string): WithoutReasoning {
  const kept: string[] = []
  let from = 0
  let hasStripped = false
  TAG_AT_LINE_START.lastIndex = 0
  for (let tag = TAG_AT_LINE_START.exec(text); tag !== null; tag = TAG_AT_LINE_START.exec(text)) {
    const isClosing = tag[1] === '/'
    if (isClosing) kept.length = 0
    else {
      kept.push(text.slice(from, tag.index))
      const end = endOfBlock(text, TAG_AT_LINE_START.lastIndex, tag[2] ?? '')
      if (end === undefined) return { kind: 'unclosed' }
      TAG_AT_LINE_START.lastIndex = end
    }
    from = TAG_AT_LINE_START.lastIndex
    hasStripped = true
  }
  if (!hasStripped) return { kind: 'kept', text }
  kept.push(text.slice(from))
  return { kind: 'stripped', text: kept.join('\n') }
}

function endOfBlock(text: string, from: number, name: string): number | undefined {
  const closing = new RegExp(`</${name}>`, 'gi')
  closing.lastIndex = from
  return closing.exec(text) === null ? undefined : closing.lastIndex
}
