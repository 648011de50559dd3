import type { AnswerSettings } from './answer-settings.ts'
import {
  beginsWithin,
  type Candidate,
  CandidateSearch,
  firstPlace,
  noFindings,
} from './candidates/find-candidates.ts'
import { removeReasoning } from './candidates/reasoning-blocks.ts'
import { splitFences } from './candidates/split-fences.ts'
import { checkValue } from './check-value.ts'
import { chooseCandidate } from './choose-candidate.ts'
import { refuse, refuseFault } from './failure-message.ts'
import type { Fix } from './fix.ts'
import type { JsonFault } from './json/json-fault.ts'
import { mayBeJson } from './json/may-be-json.ts'
import { isPlainJson } from './json/plain-json.ts'
import { readBlanks, readJson, type WholeJson } from './json/read-json.ts'
import { readLines } from './json/read-lines.ts'
import type { LlmFailure, LlmOutcome } from './outcome.ts'

const NO_FIXES: readonly Fix[] = Object.freeze([])

/** Reads the one value of the schema that the text of an answer holds. Looks nowhere else: a pure decision. */
export function readAnswer<Value>(text: string, settings: AnswerSettings<Value>): LlmOutcome<Value> {
  if (text.length > settings.limits.maxCharacters) return refuse('TOO_LARGE')
  const value = parsePlain(text, settings.rules.maxDepth)
  if (value !== undefined) {
    const checked = checkValue(settings.schema, value, 'none')
    if (checked.ok)
      return {
        ok: true,
        value: checked.value,
        fixes: NO_FIXES,
        confidence: 1,
        source: 'whole',
        candidates: 1,
      }
    const json: WholeJson = { kind: 'whole', value, start: 0, end: text.length, fixes: [] }
    const outcome = chooseCandidate(text, [{ json, source: 'whole' }], [], settings)
    // A value that does not fit may be one of several lines, or hold what fits.
    if (outcome.ok || settings.rules.lines === 'refuse') return outcome
  }
  return settings.rules.mode === 'strict' ? readStrict(text, settings) : search(text, settings)
}

/** The value of strict JSON that is beyond doubt, by the quick way. */
function parsePlain(text: string, maxDepth: number): unknown {
  if (!mayBeJson(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isPlainJson(text, value, maxDepth) ? value : undefined
  } catch {
    return undefined
  }
}

function readStrict<Value>(text: string, settings: AnswerSettings<Value>): LlmOutcome<Value> {
  if (text.trim() === '') return refuse('EMPTY')
  const json = readJson(text, 0, text.length, settings.rules)
  if (json.kind === 'stopped') return refuseFault(json.fault)
  if (/[^ \t\r\n]/.test(text.slice(json.end))) {
    return refuseFault({ code: 'MALFORMED', start: json.end, end: text.length, path: [] })
  }
  return chooseCandidate(text, [{ json, source: 'whole' }], [], settings)
}

/** The answer as a whole goes first; then what is left of it without reasoning, and its parts. */
function search<Value>(answer: string, settings: AnswerSettings<Value>): LlmOutcome<Value> {
  const isMarked = answer.charCodeAt(0) === MARK
  const before: readonly Fix[] = isMarked ? [{ name: 'byte-order-mark', start: 0, end: 1 }] : []
  // A blank in place of the byte order mark keeps the offsets as they are.
  const marked = isMarked ? ` ${answer.slice(1)}` : answer
  const reader = new AnswerReader(marked, before, settings)
  const outcome = reader.readWhole()
  if (outcome !== undefined) return outcome
  const { text, blocks, unclosedAt, doubtAt } = removeReasoning(marked)
  const end = text.length
  if (unclosedAt !== undefined) return refuseFault({ code: 'TRUNCATED', start: unclosedAt, end, path: [] })
  if (doubtAt !== undefined) return refuseFault({ code: 'MALFORMED', start: doubtAt, end, path: [] })
  if (blocks.length === 0) return reader.readParts()
  const removed = blocks.map(([from, to]): Fix => ({ name: 'reasoning-removed', start: from, end: to }))
  const rest = new AnswerReader(text, [...before, ...removed], settings)
  return rest.readWhole() ?? rest.readParts()
}

/** Looks for JSON in a text, place after place: all of it, fences, tags, prose. */
class AnswerReader<Value> {
  readonly #settings: AnswerSettings<Value>
  readonly #text: string
  readonly #start: number
  readonly #search: CandidateSearch
  readonly #before: readonly Fix[]

  constructor(text: string, before: readonly Fix[], settings: AnswerSettings<Value>) {
    this.#settings = settings
    this.#text = text
    this.#start = firstPlace(text, 0)
    this.#search = new CandidateSearch(text, settings.rules)
    this.#before = before
  }

  /** The answer as one JSON text, or as lines of JSON; undefined where it may hold one or more. */
  readWhole(): LlmOutcome<Value> | undefined {
    if (this.#start === this.#text.length) return refuse('EMPTY')
    return this.#lines() ?? this.#whole()
  }

  #lines(): LlmOutcome<Value> | undefined {
    const { rules } = this.#settings
    if (rules.lines === 'refuse') return undefined
    const json = readLines(this.#text, this.#start, rules)
    if (json === undefined) return undefined
    const outcome = this.#choose([{ json, source: 'whole' }])
    return outcome.ok || outcome.code !== 'SCHEMA_MISMATCH' ? outcome : undefined
  }

  #whole(): LlmOutcome<Value> | undefined {
    const text = this.#text
    const start = this.#start
    // A heading or remark before the JSON is prose, whatever it says is left out.
    if (/[#/]/.test(text.charAt(start))) return undefined
    const json = this.#search.read(start, text.length)
    if (json.kind === 'stopped') {
      return /[{[]/.test(text.charAt(start)) && isAllJson(text, start, json.fault)
        ? refuseFault(json.fault)
        : undefined
    }
    const after = firstPlace(text, json.end)
    if (after === text.length) return this.#choose([{ json, source: 'whole' }])
    if (!text.startsWith('//', after) && !text.startsWith('/*', after)) return undefined
    const remarks = readBlanks(text, json.end, text.length, this.#settings.rules)
    if (remarks === undefined) return undefined
    if ('code' in remarks) return refuseFault(remarks)
    return this.#choose([{ json: { ...json, fixes: [...json.fixes, ...remarks] }, source: 'whole' }])
  }

  /**
   * All places compete alike: two different values of the schema are one too many, wherever they stand. Only what is
   * broken in prose is no hindrance where a fence holds the value, unless the fence may be part of what is broken.
   */
  readParts(): LlmOutcome<Value> {
    const text = this.#text
    const fences = noFindings()
    const prose = noFindings()
    for (const region of splitFences(text)) {
      if (region.kind === 'fence') this.#search.inFence(region, fences)
      else this.#search.inProse(region, prose)
    }
    if (prose.cut !== undefined) return refuseFault(prose.cut)
    if (fences.stop !== undefined) return refuseFault(fences.stop)
    if (fences.candidates.length > 0) {
      const sound = prose.candidates.filter(({ json }) => json.fault === undefined)
      const outcome = this.#choose(inOrder([...fences.candidates, ...sound]))
      if (outcome.ok || outcome.code !== 'SCHEMA_MISMATCH') return outcome
    }
    if (prose.stop !== undefined) return refuseFault(prose.stop)
    const found = inOrder([...fences.candidates, ...prose.candidates])
    return found.length > 0 ? this.#choose(found) : this.#nothing(fences.doubt ?? prose.doubt)
  }

  #nothing(doubt: JsonFault | undefined): LlmFailure {
    const start = this.#start
    const reading = this.#search.read(start, this.#text.length)
    if (reading.kind === 'stopped' && reading.fault.code !== 'MALFORMED') return refuseFault(reading.fault)
    if (doubt !== undefined) return refuseFault(doubt)
    const isBegun = /[{[]/.test(this.#text.charAt(start)) || beginsWithin(this.#text)
    if (!isBegun) return refuse('NO_JSON')
    const end = this.#text.length
    return refuseFault(
      reading.kind === 'stopped' ? reading.fault : { code: 'MALFORMED', start, end, path: [] },
    )
  }

  #choose(candidates: readonly Candidate[]): LlmOutcome<Value> {
    return chooseCandidate(this.#text, candidates, this.#before, this.#settings)
  }
}

function inOrder(candidates: Candidate[]): Candidate[] {
  return candidates.sort((a, b) => a.json.start - b.json.start)
}

/** Whether an answer that begins with a bracket and cannot be read as JSON was all meant as JSON. */
function isAllJson(text: string, start: number, { code, path }: JsonFault): boolean {
  if (code === 'TRUNCATED' || code === 'TOO_DEEP') return true
  const closing = text.trimEnd().at(-1)
  // "[note] … [1]" may be prose; a list that broke after its first element is a list.
  return text.charAt(start) === '{' ? closing === '}' : closing === ']' && path.some((part) => part !== 0)
}

const MARK = 0xfeff
