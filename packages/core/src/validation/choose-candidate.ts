import { isDeepStrictEqual } from 'node:util'
import type { AnswerSettings } from './answer-settings.ts'
import type { Candidate } from './candidates/find-candidates.ts'
import { hasDots, isTemplateOf } from './candidates/is-template.ts'
import { type CheckedValue, checkValue } from './check-value.ts'
import { confidenceOf } from './confidence.ts'
import { refuse, refuseFault } from './failure-message.ts'
import type { Fix } from './fix.ts'
import { inOrder } from './json/in-order.ts'
import { locatePaths, numberTexts } from './json/member-places.ts'
import { readJson } from './json/read-json.ts'
import type { LlmFailure, LlmOutcome, LlmSpan } from './outcome.ts'
import { pathKey } from './path-key.ts'

interface Fitting<Value> {
  readonly candidate: Candidate
  readonly checked: Extract<CheckedValue<Value>, { readonly ok: true }>
  readonly extra: readonly Fix[]
}

/**
 * The one value of the schema among the candidates. One with a fault refuses all: it may be the one that was meant. One
 * that fits as it stands goes before those that fit when converted.
 */
export function chooseCandidate<Value>(
  text: string,
  candidates: readonly Candidate[],
  before: readonly Fix[],
  settings: AnswerSettings<Value>,
): LlmOutcome<Value> {
  if (candidates.length > settings.limits.maxCandidates) return refuse('TOO_MANY_CANDIDATES')
  for (const { json } of candidates) if (json.fault !== undefined) return refuseFault(json.fault)
  const fitting: Array<Fitting<Value>> = []
  let misfit: { readonly failure: LlmFailure; readonly length: number } | undefined
  for (const candidate of candidates) {
    const { value, start, end } = candidate.json
    const literals = (): ReadonlyMap<string, string> => numberTexts(text, start, settings.rules)
    const checked = checkValue(settings.schema, value, settings.coercion, literals)
    const inner = checked.ok ? undefined : readInner(candidate, settings)
    if (checked.ok) fitting.push({ candidate, checked, extra: [] })
    else if (inner !== undefined) fitting.push(inner)
    // Of several candidates that do not fit, the longest is most likely the answer.
    else if (misfit === undefined || end - start > misfit.length) {
      const { repaired } = candidate.json
      const span = placeOf(text, candidate, checked.issues[0]?.path ?? [], settings)
      const failure =
        repaired === undefined ? refuse(checked.code, checked.issues, span) : refuseFault(repaired)
      misfit = { failure, length: end - start }
    }
  }
  const exact = fitting.filter(({ checked }) => checked.coercions.length === 0)
  const chosen = chooseOne(exact.length > 0 ? exact : fitting, settings)
  if (chosen === undefined) return misfit?.failure ?? refuse('NO_JSON')
  if ('ok' in chosen) return chosen
  const { repaired } = chosen.candidate.json
  if (repaired !== undefined) return refuseFault(repaired)
  return accept(text, chosen, candidates.length, before, settings)
}

function chooseOne<Value>(
  found: ReadonlyArray<Fitting<Value>>,
  settings: AnswerSettings<Value>,
): Fitting<Value> | LlmFailure | undefined {
  if (otherThanFirst(found) === undefined) {
    return found.find(({ candidate }) => candidate.json.repaired === undefined) ?? found[0]
  }
  // A shape that was shown first, such as {"name": "..."}, is no second answer.
  const filled = found.find(({ candidate }) => !hasDots(candidate.json.value))?.candidate.json.value
  const fitting = found.filter(({ candidate }) => !isTemplateOf(candidate.json.value, filled))
  const [first] = fitting
  const other = otherThanFirst(fitting)
  if (first === undefined || other === undefined) return first
  const { start, end } = other.candidate.json
  const { choose } = settings.rules
  if (choose === 'only') {
    const repaired = fitting.find(({ candidate }) => candidate.json.repaired)?.candidate.json.repaired
    return repaired === undefined ? refuse('AMBIGUOUS', [], [start, end]) : refuseFault(repaired)
  }
  const length = ({ candidate: { json } }: Fitting<Value>): number => json.end - json.start
  const chosen =
    choose === 'first'
      ? first
      : fitting.reduce((best, one) => (choose === 'last' || length(one) > length(best) ? one : best))
  const { json } = chosen.candidate
  const fix: Fix = { name: 'candidate-chosen', start: json.start, end: json.end }
  return { ...chosen, extra: [...chosen.extra, fix] }
}

function otherThanFirst<Value>(fitting: ReadonlyArray<Fitting<Value>>): Fitting<Value> | undefined {
  const [first] = fitting
  return fitting.find(
    ({ candidate: { json } }) => !isDeepStrictEqual(json.value, first?.candidate.json.value),
  )
}

/** JSON written as a string of JSON, read once more where lenient conversion is asked for. */
function readInner<Value>(candidate: Candidate, settings: AnswerSettings<Value>): Fitting<Value> | undefined {
  const { value: inner, start, end } = candidate.json
  if (settings.coercion !== 'lenient' || typeof inner !== 'string' || !/^\s*[{[]/.test(inner))
    return undefined
  const reading = readJson(inner, 0, inner.length, { ...settings.rules, isPartial: false })
  if (reading.kind === 'stopped' || (reading.fault ?? reading.repaired) !== undefined) return undefined
  if (inner.slice(reading.end).trim() !== '') return undefined
  const literals = (): ReadonlyMap<string, string> => numberTexts(inner, 0, settings.rules)
  const checked = checkValue(settings.schema, reading.value, settings.coercion, literals)
  if (!checked.ok) return undefined
  // What was repaired within the string has no place of its own in the answer.
  const repaired = reading.fixes.map((fix) => ({ ...fix, start, end }))
  return { candidate, checked, extra: [{ name: 'double-encoded', start, end }, ...repaired] }
}

function accept<Value>(
  text: string,
  { candidate, checked, extra }: Fitting<Value>,
  seen: number,
  before: readonly Fix[],
  settings: AnswerSettings<Value>,
): LlmOutcome<Value> {
  const { json, source } = candidate
  const fixes: Fix[] = [...before]
  if (source !== 'whole') fixes.push({ name: `${source}-extracted`, start: json.start, end: json.end })
  fixes.push(...extra, ...json.fixes)
  const paths = checked.coercions.map(({ path }) => path)
  const places = locatePaths(text, json.start, settings.rules, paths)
  for (const { name, path } of checked.coercions) {
    const [start, end] = places.get(pathKey(path)) ?? [json.start, json.end]
    fixes.push({ name, path, start, end })
  }
  return {
    ok: true,
    value: checked.value,
    fixes: inOrder(fixes),
    confidence: confidenceOf(fixes),
    source,
    candidates: seen,
  }
}

/** Where the value at a path stands in the answer; the whole candidate where there is no such place. */
function placeOf<Value>(
  text: string,
  { json }: Candidate,
  path: ReadonlyArray<string | number>,
  settings: AnswerSettings<Value>,
): LlmSpan {
  return locatePaths(text, json.start, settings.rules, [path]).get(pathKey(path)) ?? [json.start, json.end]
}
