/** An answer whose reasoning is blanked out, so that offsets stay as they are, and where the blocks stood. */
export interface WithoutReasoning {
  readonly text: string
  readonly blocks: ReadonlyArray<readonly [start: number, end: number]>
  /** Where a block begins that is never closed, so that the answer is cut short. */
  readonly unclosedAt?: number
}

const NAMES = 'think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|inner_monologue'
const TAG = new RegExp(`<(/?)(${NAMES})(?:\\s[^<>\\n]*)?>`, 'gi')
// What JSON, or a string in it, would have before the tag on its line.
const JSON_BEFORE = /["{}[\]“]|\B'|'\B/

/**
 * Blanks out reasoning blocks, `<think>…</think>` and the like. A closing tag without an opening one ends a block that
 * began with the text, as some models' templates leave it. A tag counts only where it cannot stand in a JSON string:
 * with nothing of JSON before it on its line, or, a closing tag, with nothing after it.
 */
export function removeReasoning(text: string): WithoutReasoning {
  const blocks: Array<readonly [number, number]> = []
  let end = 0
  let checked = 0
  let isInJson = false
  TAG.lastIndex = 0
  for (let tag = TAG.exec(text); tag !== null; tag = TAG.exec(text)) {
    const isClosing = tag[1] === '/'
    // Each stretch of the text is looked at once, however long its line.
    const before = text.slice(Math.max(end, checked), tag.index)
    const newline = before.lastIndexOf('\n')
    if (newline !== -1 || end > checked) isInJson = false
    isInJson ||= JSON_BEFORE.test(before.slice(newline + 1))
    checked = tag.index
    if (isInJson && !(isClosing && /^[ \t\r]*(?:\n|$)/.test(text.slice(TAG.lastIndex, TAG.lastIndex + 80))))
      continue
    if (isClosing) {
      blocks.length = 0
      blocks.push([0, TAG.lastIndex])
    } else {
      const close = endOfBlock(text, TAG.lastIndex, tag[2] ?? '')
      if (close === undefined) return { text, blocks, unclosedAt: tag.index }
      blocks.push([tag.index, close])
      TAG.lastIndex = close
    }
    end = TAG.lastIndex
  }
  return { text: blocks.length === 0 ? text : blankOut(text, blocks), blocks }
}

function endOfBlock(text: string, from: number, name: string): number | undefined {
  const closing = new RegExp(`</${name}\\s*>`, 'gi')
  closing.lastIndex = from
  return closing.exec(text) === null ? undefined : closing.lastIndex
}

/** Blanks in place of the blocks; each ends with a line break, so that a fence after one begins its line. */
function blankOut(text: string, blocks: WithoutReasoning['blocks']): string {
  const kept: string[] = []
  let from = 0
  for (const [start, end] of blocks) {
    kept.push(text.slice(from, start), ' '.repeat(end - start - 1), '\n')
    from = end
  }
  kept.push(text.slice(from))
  return kept.join('')
}
