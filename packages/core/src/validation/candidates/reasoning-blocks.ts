/** An answer whose reasoning is blanked out, so that offsets stay as they are, and where the blocks stood. */
export interface WithoutReasoning {
  readonly text: string
  readonly blocks: ReadonlyArray<readonly [start: number, end: number]>
  /** Where a block begins that is never closed, so that the answer is cut short. */
  readonly unclosedAt?: number
  /** Where a tag stands that may as well be part of a string. */
  readonly doubtAt?: number
}

/** The tags of reasoning blocks, as alternatives of a regular expression. */
export const REASONING_NAMES =
  'think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|inner_monologue'
const TAG = new RegExp(`<(/?)(${REASONING_NAMES})(?:\\s[^<>\\n]*)?>`, 'gi')
// What JSON, or a string in it, would have before the tag on its line.
const JSON_BEFORE = /["{}[\]“]|\B'|'\B/

const MARK = /\\.|["{}[\]]/gs

/**
 * Blanks out reasoning blocks, `<think>…</think>` and the like. A closing tag without an opening one ends a block that
 * began with the text, as some models' templates leave it. A tag counts only where it cannot stand in a JSON string on
 * one line: with nothing of JSON before it on its line, or, a closing tag, with nothing after it. After an odd number of
 * quotation marks, or where a bracket is open, it may stand in a string of several lines.
 */
export function removeReasoning(text: string): WithoutReasoning {
  const blocks: Array<readonly [number, number]> = []
  let checked = 0
  let isInJson = false
  let openBrackets = 0
  let quotes = 0
  const balance = { isLost: false }
  TAG.lastIndex = 0
  for (let tag = TAG.exec(text); tag !== null; tag = TAG.exec(text)) {
    const isClosing = tag[1] === '/'
    // Each stretch of the text is looked at once, however long its line.
    const before = text.slice(checked, tag.index)
    const newline = before.lastIndexOf('\n')
    if (newline !== -1) isInJson = false
    isInJson ||= JSON_BEFORE.test(before.slice(newline + 1))
    for (const [mark] of before.matchAll(MARK)) {
      if (mark === '"') quotes++
      else if (mark === '{' || mark === '[') openBrackets++
      else if (mark === '}' || mark === ']') openBrackets--
    }
    checked = tag.index
    const endsLine = isClosing && LINE_END.test(text.slice(TAG.lastIndex, TAG.lastIndex + 80))
    if ((isInJson && !endsLine) || (isClosing && blocks.length > 0)) continue
    if (quotes % 2 === 1 || openBrackets > 0) return { text, blocks, doubtAt: tag.index }
    const end = isClosing ? TAG.lastIndex : endOfBlock(text, TAG.lastIndex, tag[2] ?? '', balance)
    if (end === undefined) return { text, blocks, unclosedAt: tag.index }
    blocks.push([isClosing ? 0 : tag.index, end])
    TAG.lastIndex = end
    checked = end
    isInJson = false
  }
  return { text: blocks.length === 0 ? text : blankOut(text, blocks), blocks }
}

const LINE_END = /^[ \t\r]*(?:\n|$)/

/** The end of the block whose content begins at `from`; blocks of the same name within it are part of it. */
function endOfBlock(
  text: string,
  from: number,
  name: string,
  balance: { isLost: boolean },
): number | undefined {
  const tags = new RegExp(`<(/?)${name}(?:\\s[^<>\\n]*)?>`, 'gi')
  tags.lastIndex = from
  let firstEnd: number | undefined
  let depth = 1
  for (let tag = tags.exec(text); tag !== null; tag = tags.exec(text)) {
    depth += tag[1] === '/' ? -1 : 1
    if (depth === 0) return tags.lastIndex
    if (tag[1] === '/') firstEnd ??= tags.lastIndex
    // Looked for to the end of the text once, so that many unbalanced tags take linear time.
    if (balance.isLost && firstEnd !== undefined) return firstEnd
  }
  balance.isLost = true
  // A tag that the reasoning only mentions is never closed: then the first closing tag ends it.
  return firstEnd
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
