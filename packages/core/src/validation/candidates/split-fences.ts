/** What a code fence encloses. Offsets are UTF-16 code units, `end` exclusive. */
export interface Fence {
  readonly kind: 'fence'
  readonly start: number
  readonly end: number
  /** First word of the info string in lower case, such as `json`. */
  readonly language: string
}

/** A stretch of an answer outside of its fences. */
export interface Prose {
  readonly kind: 'prose'
  readonly start: number
  readonly end: number
  /** Whether the answer ends with this stretch. */
  readonly isOpenEnd: boolean
}

// An attribute list such as {.json} or {1,3} is no JSON.
const JSON_IN_INFO = /\{\s*(?:["'“}]|$)|\[\s*(?:["'“{[\]\d-]|$)/

interface OpenFence {
  readonly mark: string
  readonly length: number
  readonly language: string
  readonly contentStart: number
}

/**
 * Splits an answer, or a stretch of it, at its code fences (CommonMark 0.31, section 4.5: three or more backticks or tildes at the start of
 * a line, any indentation). A fence that is never closed counts only if JSON begins in it; else it is prose.
 */
export function splitFences(text: string, start = 0, end: number = text.length): readonly (Fence | Prose)[] {
  const regions: (Fence | Prose)[] = []
  let open: OpenFence | undefined
  let proseStart = start
  for (let lineStart = start; lineStart < end; ) {
    const newline = text.indexOf('\n', lineStart)
    const lineEnd = newline === -1 ? end : Math.min(newline + 1, end)
    if (open === undefined) {
      open = openedBy(text, lineStart, lineEnd)
      if (open !== undefined) {
        regions.push({ kind: 'prose', start: proseStart, end: lineStart, isOpenEnd: false })
        proseStart = lineStart
      }
    } else if (closes(text.slice(lineStart, lineEnd).trim(), open)) {
      regions.push(fence(open, lineStart))
      open = undefined
      proseStart = lineEnd
    }
    lineStart = lineEnd
  }
  if (open !== undefined && /^\s*[{[]/.test(text.slice(open.contentStart, end))) {
    regions.push(fence(open, end))
  } else {
    regions.push({ kind: 'prose', start: proseStart, end, isOpenEnd: end === text.length })
  }
  return regions
}

function fence({ language, contentStart }: OpenFence, end: number): Fence {
  return { kind: 'fence', start: contentStart, end, language }
}

function openedBy(text: string, lineStart: number, lineEnd: number): OpenFence | undefined {
  const line = text.slice(lineStart, lineEnd).trim()
  const mark = line[0]
  if (mark !== '`' && mark !== '~') return undefined
  const length = runLength(line, mark)
  const info = line.slice(length)
  if (length < 3 || info.includes(mark)) return undefined
  const language = /^[^\s{[]*/.exec(info.trim())?.[0].toLowerCase() ?? ''
  // JSON on the opening line itself is content.
  const json = JSON_IN_INFO.exec(info)
  const contentStart = json === null ? lineEnd : text.indexOf(mark, lineStart) + length + json.index
  return { mark, length, language, contentStart }
}

function closes(line: string, open: OpenFence): boolean {
  const length = runLength(line, open.mark)
  return length >= open.length && length === line.length
}

function runLength(line: string, mark: string): number {
  let length = 0
  while (line[length] === mark) length++
  return length
}
