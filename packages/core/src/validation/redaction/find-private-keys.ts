import { BASE64, endOfRun } from './character-set.ts'
import type { SecretSpan } from './secret-span.ts'

/** A private key in a text. */
export interface PrivateKeySpan extends SecretSpan {
  /** Whether anything of a key follows its first line. */
  readonly hasKey: boolean
  /** Whether the key, if it is one, may go on where the text ends. */
  readonly isOpen: boolean
}

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g
const END = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
/** A line such as `DEK-Info: AES-256-CBC,...` before the key itself. */
const HEADER = /(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): [^\n\\]{0,200}/y
const LINE_END = /\s*-----|[\r\n\\]|$/y
const SHORTEST_CHUNK = 40
const MAX_HEADERS = 5

/**
 * The private keys in PEM form (RFC 7468), also where their line breaks are written as `\n`. A key without its last line
 * is taken as far as it goes. What may still become one with the next piece of the text is given too, without a key.
 */
export function findPrivateKeys(text: string): PrivateKeySpan[] {
  const spans: PrivateKeySpan[] = []
  const lastBreak = text.lastIndexOf('\n')
  BEGIN.lastIndex = 0
  for (let match = BEGIN.exec(text); match !== null; match = BEGIN.exec(text)) {
    const span = readKey(text, match.index, BEGIN.lastIndex, lastBreak)
    if (span === null) continue
    spans.push(span)
    BEGIN.lastIndex = span.end
  }
  return spans
}

function readKey(text: string, start: number, bodyStart: number, lastBreak: number): PrivateKeySpan | null {
  let end = skipHeaders(text, bodyStart)
  let hasKey = false
  let index = skipBreaks(text, end)
  while (index < text.length) {
    const chunkEnd = endOfRun(BASE64, text, index)
    const isLine = chunkEnd - index >= SHORTEST_CHUNK
    const isLastLine = hasKey && chunkEnd > index && matchesAt(LINE_END, text, chunkEnd)
    if (!isLine && !isLastLine) break
    hasKey = true
    end = chunkEnd
    index = skipBreaks(text, end)
    if (!isLine) break
  }
  const isOpen = index > lastBreak
  if (hasKey && matchesAt(END, text, index)) {
    return { kind: 'private-key', start, end: END.lastIndex, hasKey, isOpen: false }
  }
  return hasKey || isOpen ? { kind: 'private-key', start, end, hasKey, isOpen } : null
}

function skipHeaders(text: string, from: number): number {
  let end = from
  for (let count = 0; count < MAX_HEADERS; count++) {
    if (!matchesAt(HEADER, text, skipBreaks(text, end))) break
    end = HEADER.lastIndex
  }
  return end
}

/** Past blanks and line breaks, written out (`\n`) or not. */
function skipBreaks(text: string, from: number): number {
  let index = from
  for (;;) {
    const character = text.charAt(index)
    if (character === '\n' || character === '\r' || character === ' ' || character === '\t') index++
    else if (character === '\\' && /[nr]/.test(text.charAt(index + 1))) index += 2
    else return index
  }
}

/** Leaves the end of the match in `lastIndex`. */
function matchesAt(sticky: RegExp, text: string, index: number): boolean {
  sticky.lastIndex = index
  return sticky.test(text)
}
