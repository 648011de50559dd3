import type { JsonFault } from '../json/json-fault.ts'
import { scanJson } from '../json/strict-scan.ts'
import type { Region } from './split-fences.ts'

/** A strict JSON text found in an answer. */
export interface Candidate {
  readonly start: number
  readonly end: number
  readonly source: 'fence' | 'prose'
  readonly fault?: JsonFault
}

/** What a stage of the search found. */
export interface Findings {
  readonly candidates: Candidate[]
  /** JSON was begun and is no strict JSON. */
  hasMalformed: boolean
  /** JSON was begun and the answer ends within it. */
  isTruncated: boolean
}

/** Nothing found yet. */
export function noFindings(): Findings {
  return { candidates: [], hasMalformed: false, isTruncated: false }
}

/** Looks for JSON in a fence. Fences of other languages count only where all they hold is JSON. */
export function searchFence(text: string, fence: Region, maxDepth: number, found: Findings): void {
  const isJson = fence.language === '' || fence.language.startsWith('json')
  const scan = scanJson(text, fence.start, fence.end, maxDepth)
  if (scan.kind === 'complete' && text.slice(scan.end, fence.end).trim() === '') {
    const { end, fault } = scan
    found.candidates.push({
      start: fence.start,
      end,
      source: 'fence',
      ...(fault === undefined ? {} : { fault }),
    })
    return
  }
  if (!isJson) return
  const beginsJson = /^\s*[{[]/.test(text.slice(fence.start, fence.end))
  if (beginsJson && scan.kind === 'broken') found.hasMalformed = true
  searchProse(text, fence, maxDepth, found)
}

/**
 * Looks for JSON objects and arrays in prose. After a text that broke off the search goes on from where it broke, never
 * within it: a part of a malformed answer is not the answer. So each character is looked at once.
 */
export function searchProse(text: string, region: Region, maxDepth: number, found: Findings): void {
  const opening = /[{[]/g
  opening.lastIndex = region.start
  for (
    let match = opening.exec(text);
    match !== null && match.index < region.end;
    match = opening.exec(text)
  ) {
    const start = match.index
    const scan = scanJson(text, start, region.end, maxDepth)
    if (scan.kind === 'truncated') {
      if (region.isOpenEnd) found.isTruncated = true
      else if (scan.hasKey || region.kind === 'fence') found.hasMalformed = true
      return
    }
    if (scan.kind === 'broken') {
      if (scan.hasKey) found.hasMalformed = true
      opening.lastIndex = Math.max(scan.at, start + 1)
      continue
    }
    const { end, fault } = scan
    found.candidates.push({ start, end, source: 'prose', ...(fault === undefined ? {} : { fault }) })
    opening.lastIndex = end
  }
}
