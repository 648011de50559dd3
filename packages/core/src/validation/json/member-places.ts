import { pathKey } from '../path-key.ts'
import { beginReading } from './read-json.ts'
import type { ReadRules, VisitMember } from './read-state.ts'
import { readValue } from './read-value.ts'
import { skipBlanks } from './skip-blanks.ts'

/** A stretch of the text in UTF-16 code units: start, and one past the end. */
type Span = readonly [start: number, end: number]

/** Where the values at paths stand in the JSON text that begins at `start`, by {@link pathKey}; looks through it once. */
export function locatePaths(
  text: string,
  start: number,
  rules: ReadRules,
  paths: ReadonlyArray<ReadonlyArray<string | number>>,
): ReadonlyMap<string, Span> {
  const wanted = new Set(paths.map(pathKey))
  const found = new Map<string, Span>()
  if (wanted.size === 0) return found
  visitMembers(text, start, rules, (path, from, to) => {
    const key = pathKey(path)
    if (wanted.has(key)) found.set(key, [from, to])
  })
  return found
}

/** The numbers within the JSON text that begins at `start` as they are written, by {@link pathKey}. */
export function numberTexts(text: string, start: number, rules: ReadRules): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  visitMembers(text, start, rules, (path, from, to) => {
    const unit = text.charCodeAt(from)
    if (unit === 0x2d || (unit >= 0x30 && unit <= 0x39)) found.set(pathKey(path), text.slice(from, to))
  })
  return found
}

function visitMembers(text: string, start: number, rules: ReadRules, visit: VisitMember): void {
  const state = beginReading(text, start, text.length, rules, visit)
  if (skipBlanks(state)) readValue(state)
}
