/** How two texts differ, in Unicode characters. */
export interface TextDifference {
  /** Characters of the later text that the earlier one does not have at that place. */
  readonly addedCharacters: number
  /** Characters of the earlier text that the later one no longer has at that place. */
  readonly removedCharacters: number
  /** (added + removed) of the characters of both, in thousandths, rounded up: 0 the same, 1000 nothing in common. */
  readonly changedShareMilli: number
}

/** A word of a script with cases, a run of white space, or any other character by itself. */
const TOKEN = /[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{N}\p{M}_]+|\s+|[\s\S]/gu
/** Comparisons before a difference is given up as too large: about half a second of a slow processor. */
const MAX_STEPS = 5_000_000

/**
 * The smallest difference between two texts in words inserted and deleted, by E. W. Myers' greedy algorithm (Algorithmica 1
 * (1986) 251–266) after the common beginning and end are taken off. The work is bounded whatever the texts are; undefined
 * where the bound is met, which takes more than 2000 words that differ.
 */
export function textDifference(
  earlier: string,
  later: string,
  maxSteps: number = MAX_STEPS,
): TextDifference | undefined {
  const numbers = new Map<string, number>()
  const lengths: number[] = []
  const a = tokensOf(earlier, numbers, lengths)
  const b = tokensOf(later, numbers, lengths)
  const before = lengthOf(a, lengths)
  const after = lengthOf(b, lengths)
  const added = addedLength(...withoutCommonEnds(a, b), lengths, maxSteps)
  if (added === undefined) return undefined
  // What both texts share has one length, so what was removed follows from what was added.
  const removed = before - (after - added)
  const total = Math.max(1, before + after)
  return {
    addedCharacters: added,
    removedCharacters: removed,
    changedShareMilli: Math.ceil(((added + removed) * 1000) / total),
  }
}

/** The words of `text` as numbers, equal words having equal ones; `lengths` holds each number's characters. */
function tokensOf(text: string, numbers: Map<string, number>, lengths: number[]): Int32Array {
  const tokens: number[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    let number = numbers.get(token)
    if (number === undefined) {
      number = numbers.size
      numbers.set(token, number)
      lengths.push(charactersOf(token))
    }
    tokens.push(number)
  }
  return Int32Array.from(tokens)
}

function charactersOf(text: string): number {
  let count = 0
  for (const _character of text) count++
  return count
}

function lengthOf(tokens: Int32Array, lengths: readonly number[]): number {
  let length = 0
  for (const token of tokens) length += lengths[token] ?? 0
  return length
}

function withoutCommonEnds(a: Int32Array, b: Int32Array): readonly [Int32Array, Int32Array] {
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return [a.subarray(start, a.length - end), b.subarray(start, b.length - end)]
}

/**
 * The characters inserted by a shortest edit from `a` to `b`. `reached[k]` is how far into `a` the diagonal `k` (place in
 * `a` minus place in `b`) has come, `inserted[k]` what its path has inserted; `steps` bounds the comparisons.
 */
function addedLength(
  a: Int32Array,
  b: Int32Array,
  lengths: readonly number[],
  maxSteps: number,
): number | undefined {
  if (a.length === 0) return lengthOf(b, lengths)
  if (b.length === 0) return 0
  // Round d takes d + 1 steps at least, so no more rounds than this fit the bound.
  const maxRounds = Math.min(a.length + b.length, Math.ceil(Math.sqrt(2 * maxSteps)))
  const reached = new Int32Array(2 * maxRounds + 3)
  const inserted = new Float64Array(2 * maxRounds + 3)
  const zero = maxRounds + 1
  let steps = 0
  for (let round = 0; round <= maxRounds; round++) {
    for (let k = -round; k <= round; k += 2) {
      const at = zero + k
      const fromAbove = reached[at + 1] ?? 0
      const fromLeft = reached[at - 1] ?? 0
      const inserts = k === -round || (k !== round && fromLeft < fromAbove)
      let x = inserts ? fromAbove : fromLeft + 1
      let y = x - k
      // The first round is the empty edit; an insertion brings in the word of `b` that it stepped over.
      const word = round > 0 && inserts ? (b[y - 1] ?? -1) : -1
      inserted[at] =
        round === 0 ? 0 : ((inserts ? inserted[at + 1] : inserted[at - 1]) ?? 0) + (lengths[word] ?? 0)
      const from = x
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++
        y++
      }
      reached[at] = x
      if (x >= a.length && y >= b.length) return inserted[at]
      steps += 1 + x - from
    }
    if (steps > maxSteps) return undefined
  }
  return undefined
}
