const FENCE = /^ {0,3}(`{3,}|~{3,})/
const TICKS = /`+/g

/** `text` with the code of Markdown (fenced blocks and spans) blanked out, its length and lines kept. Linear. */
export function withoutCode(text: string): string {
  const kept: string[] = []
  let prose: string[] = []
  let fence: string | undefined
  const flush = (): void => {
    if (prose.length > 0) kept.push(withoutSpans(prose.join('\n')))
    prose = []
  }
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1]
    if (fence !== undefined) {
      kept.push(' '.repeat(line.length))
      if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined
    } else if (
      mark !== undefined &&
      !(mark.startsWith('`') && line.trim().slice(mark.length).includes('`'))
    ) {
      flush()
      fence = mark
      kept.push(' '.repeat(line.length))
    } else if (line.trim() === '') {
      flush()
      kept.push(line)
    } else prose.push(line)
  }
  flush()
  return kept.join('\n')
}

/** Spans begin and end with runs of as many backticks, in one paragraph. */
function withoutSpans(paragraph: string): string {
  const runs = [...paragraph.matchAll(TICKS)].map((match) => ({ at: match.index, length: match[0].length }))
  const nextOfLength = new Map<number, number>()
  const partner = new Array<number>(runs.length).fill(-1)
  for (let index = runs.length - 1; index >= 0; index--) {
    const length = runs[index]?.length ?? 0
    partner[index] = nextOfLength.get(length) ?? -1
    nextOfLength.set(length, index)
  }
  let result = ''
  let from = 0
  for (let index = 0; index < runs.length; index++) {
    const open = runs[index]
    const close = runs[partner[index] ?? -1]
    if (open === undefined || close === undefined) continue
    const end = close.at + close.length
    result += paragraph.slice(from, open.at) + paragraph.slice(open.at, end).replace(/[^\n]/g, ' ')
    from = end
    index = partner[index] ?? index
  }
  return result + paragraph.slice(from)
}
