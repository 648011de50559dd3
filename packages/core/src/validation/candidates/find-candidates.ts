import type { JsonFault, JsonStopCode } from '../json/json-fault.ts'
import { type JsonReading, readJson, type StoppedJson, type WholeJson } from '../json/read-json.ts'
import type { ReadRules } from '../json/read-state.ts'
import type { LlmJsonSource } from '../outcome.ts'
import { leftOpen } from './left-open.ts'
import { type Fence, type Prose, splitFences } from './split-fences.ts'

/** A JSON text found in an answer. */
export interface Candidate {
  readonly json: WholeJson
  readonly source: LlmJsonSource
}

/** What a stage of the search found. */
export interface Findings {
  readonly candidates: Candidate[]
  /** JSON that was begun and cannot be read: it may be the one that was meant. */
  stop: JsonFault<JsonStopCode> | undefined
  /** What may have been JSON, and may as well be prose. */
  doubt: JsonFault<JsonStopCode> | undefined
  /** JSON that was begun before a fence and not ended there: the fence may be part of one of its strings. */
  cut: JsonFault<JsonStopCode> | undefined
}

// What may stand before the value where a fence holds one statement that assigns it.
const ASSIGNMENT =
  /(?:(?:export\s+)?(?:const|let|var)\s+)?[A-Za-z_$][\w$.]{0,80}\s*(?::[^=\n{}[\]]{0,80})?=\s*(?=[{[])/y

const BRACKET = /[{[]/g
const CDATA = '<![CDATA['
const TAG_BEFORE = /(?:<[A-Za-z][\w-]{0,40}(?:\s[^<>\n]{0,80})?>|<!\[CDATA\[)\s*$/
const MAX_TAG_LOOK = 160
const MARKUP: ReadonlySet<string> = new Set(['markdown', 'md', 'mdx', 'text', 'txt'])

/** Finds JSON in stretches of one answer. What was read once is not read again. */
export class CandidateSearch {
  readonly #text: string
  readonly #rules: ReadRules
  #next: { readonly from: number; readonly at: number } = { from: 0, at: -1 }
  #last: { readonly start: number; readonly limit: number; readonly reading: JsonReading } | undefined

  constructor(text: string, rules: ReadRules) {
    this.#text = text
    this.#rules = rules
  }

  /** Reads the JSON text at `start`, which is no blank. */
  read(start: number, limit: number): JsonReading {
    const last = this.#last
    if (last?.start === start) {
      // What was read whole is the same wherever reading would have had to end.
      const isSame = last.limit === limit || (last.reading.kind === 'whole' && last.reading.end < limit)
      if (isSame) return last.reading
    }
    const reading = readJson(this.#text, start, limit, this.#rules)
    this.#last = { start, limit, reading }
    return reading
  }

  /** Looks for JSON in a fence. Fences of other languages count only where all they hold is one value. */
  inFence(fence: Fence, found: Findings): void {
    const start = this.#skipAssignment(fence)
    const reading = this.read(start, fence.end)
    if (reading.kind === 'whole' && this.#isEnd(reading.end, fence)) {
      found.candidates.push({ json: reading, source: 'fence' })
      return
    }
    if (reading.kind === 'stopped' && this.#isOpen(reading, start, fence.end)) found.stop ??= reading.fault
    const isJson = fence.language === '' || fence.language.startsWith('json')
    if (MARKUP.has(fence.language)) this.#inMarkup(fence, found)
    else if (!isJson) return
    else if (beginsWithin(this.#text.slice(fence.start, fence.end))) {
      found.stop ??= malformedAt(fence.start, fence.end)
    } else this.inProse(fence, found)
  }

  /** A fence of Markdown may hold fences of its own. */
  #inMarkup(fence: Fence, found: Findings): void {
    for (const inner of splitFences(this.#text, fence.start, fence.end)) {
      if (inner.kind === 'prose') {
        const prose = noFindings()
        this.inProse(inner, prose)
        found.stop ??= prose.cut
      } else if (!MARKUP.has(inner.language)) this.inFence(inner, found)
    }
  }

  /**
   * Looks for JSON objects and arrays in prose. After a text that broke off the search goes on from where it broke,
   * never within it: a part of a malformed answer is not the answer. So each character is looked at once.
   */
  inProse(region: Fence | Prose, found: Findings): void {
    const text = this.#text
    const first = firstPlace(text, region.start)
    const isInFence = region.kind === 'fence'
    const isBeforeFence = !isInFence && !region.isOpenEnd
    let broken: { readonly reading: StoppedJson; readonly start: number } | undefined
    let unread: typeof broken
    let start = this.#nextBracket(first)
    while (start < region.end) {
      const reading = this.read(start, region.end)
      if (reading.kind === 'stopped') {
        const { code, start: stoppedAt } = reading.fault
        const isMeant = code === 'TRUNCATED' ? !isBeforeFence : isInFence && start === first
        note(found, reading, isMeant)
        unread ??= { reading, start }
        if (code === 'TRUNCATED' || (broken === undefined && this.#isBegun(reading, start)))
          broken = { reading, start }
        if (code === 'TRUNCATED' || code === 'TOO_DEEP') break
        start = this.#nextBracket(Math.max(stoppedAt, start + 1))
        continue
      }
      found.stop ??= this.#goesOn(reading.end, region)
      found.candidates.push({ json: reading, source: this.#sourceAt(start, region) })
      start = this.#nextBracket(reading.end)
    }
    if (!isBeforeFence) return
    for (const one of new Set([broken, unread])) {
      if (one !== undefined && this.#isOpen(one.reading, one.start, region.end))
        found.cut ??= one.reading.fault
    }
  }

  /** Whether JSON that was begun at `start` and cannot be read may go on after `end`. */
  #isOpen(reading: StoppedJson, start: number, end: number): boolean {
    if (!/[{[]/.test(this.#text.charAt(start))) return false
    if (reading.fault.code === 'TRUNCATED') return true
    const { isInString, isInBracket, hasOddQuote } = leftOpen(this.#text.slice(start, end))
    return isInString || (this.#isBegun(reading, start) && (isInBracket || hasOddQuote))
  }

  /** Whether what stands at `start` and cannot be read is JSON rather than a bracket in prose. */
  #isBegun({ hasKey }: StoppedJson, start: number): boolean {
    return hasKey || BEGINS_JSON.test(this.#text.slice(start, start + MAX_KEY_LOOK))
  }

  /** The next bracket that opens an object or array, from `from` on; each stretch of the text is searched once. */
  #nextBracket(from: number): number {
    const next = this.#next
    if (from >= next.from && from <= next.at) return next.at
    BRACKET.lastIndex = from
    let at = this.#text.length
    for (let match = BRACKET.exec(this.#text); match !== null; match = BRACKET.exec(this.#text)) {
      at = match.index
      if (!this.#text.startsWith(CDATA, at - 2)) break
      BRACKET.lastIndex = at + CDATA.length - 2
      at = this.#text.length
    }
    this.#next = { from, at }
    return at
  }

  #sourceAt(start: number, region: Fence | Prose): LlmJsonSource {
    const isTagged = TAG_BEFORE.test(this.#text.slice(Math.max(region.start, start - MAX_TAG_LOOK), start))
    return isTagged ? 'tag' : region.kind
  }

  #skipAssignment(fence: Fence): number {
    const start = firstPlace(this.#text, fence.start)
    if (this.#rules.mode !== 'repair') return start
    ASSIGNMENT.lastIndex = start
    const isAssigned = ASSIGNMENT.test(this.#text) && ASSIGNMENT.lastIndex < fence.end
    return isAssigned ? ASSIGNMENT.lastIndex : start
  }

  #isEnd(end: number, fence: Fence): boolean {
    return /^[\s;]*$/.test(this.#text.slice(end, fence.end))
  }

  /** The fault where the text goes on as if the value that ends at `end` were part of a larger one. */
  #goesOn(end: number, region: Fence | Prose): JsonFault<JsonStopCode> | undefined {
    const after = GOES_ON.exec(this.#text.slice(end, Math.min(region.end, end + MAX_KEY_LOOK)))
    if (after === null) return undefined
    return { code: after[1] === undefined ? 'MALFORMED' : 'ELIDED', start: end, end: end + 1, path: [] }
  }
}

const MAX_KEY_LOOK = 200
const BEGINS_JSON = /^[{[]\s*["'“‘{[]/
const GOES_ON = /^(?:[}\]](?!\]>)|[ \t]*(\.\.\.|…)|\s*,\s*(?:"[^"\n]*"|'[^'\n]*')\s*:)/

/** Whether a text begins with a key and its colon: an object whose opening bracket is missing. */
export function beginsWithin(text: string): boolean {
  return /^\s*"[^"\n]{0,200}"\s*:/.test(text)
}

/** The first place from `start` on that is no blank. */
export function firstPlace(text: string, start: number): number {
  NO_BLANK.lastIndex = start
  return NO_BLANK.test(text) ? NO_BLANK.lastIndex - 1 : text.length
}

const NO_BLANK = /\S/g

/** Nothing found yet. */
export function noFindings(): Findings {
  return { candidates: [], stop: undefined, doubt: undefined, cut: undefined }
}

function note(found: Findings, stopped: StoppedJson, isMeant: boolean): void {
  const { fault, hasKey } = stopped
  // A list that says what is wrong with it after its first elements was meant as one.
  const isList = fault.code !== 'MALFORMED' && fault.path.some((part) => part !== 0)
  if (isMeant || hasKey || isList || fault.code === 'TOO_DEEP') found.stop ??= fault
  else if (fault.code !== 'MALFORMED') found.doubt ??= fault
}

function malformedAt(start: number, end: number): JsonFault<JsonStopCode> {
  return { code: 'MALFORMED', start, end, path: [] }
}
