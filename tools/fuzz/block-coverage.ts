import { Session } from 'node:inspector'

/** A stretch of a script's source, `end` exclusive. */
type Stretch = readonly [start: number, end: number]

interface RangeCount {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

/** Which blocks of the code under watch have run since the watch began, as V8 counts them. */
export class BlockCoverage {
  readonly #session = new Session()
  /** Of each function that ran: what of it never did. */
  readonly #missing = new Map<string, readonly Stretch[]>()
  readonly #isWatched: (url: string) => boolean
  #characters = 0

  /** `isWatched`: whether a script, by its URL, is part of the code under watch. */
  constructor(isWatched: (url: string) => boolean) {
    this.#isWatched = isWatched
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /**
   * Whether a block ran for the first time since it was last asked. That is then known, unless `forget` asks for it to be
   * found once more: by then each of several inputs can be tried by itself.
   */
  hasGrown(then: 'remember' | 'forget'): boolean {
    let hasGrown = false
    // The session of a thread with itself answers at once.
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error
      for (const { url, functions } of taken.result) {
        if (!this.#isWatched(url)) continue
        for (const { functionName, ranges } of functions) {
          const [whole] = ranges
          if (whole === undefined || whole.count === 0) continue
          const key = `${url}:${functionName}:${whole.startOffset}`
          const known = this.#missing.get(key) ?? [[whole.startOffset, whole.endOffset] as const]
          const missing = inBoth(known, missingOf(ranges))
          if (this.#missing.has(key) && lengthOf(missing) === lengthOf(known)) continue
          hasGrown = true
          if (then === 'forget') return
          if (!this.#missing.has(key)) this.#characters += lengthOf(known)
          this.#missing.set(key, missing)
        }
      }
    })
    return hasGrown
  }

  /** Functions that ran, and how many characters of their source did; those of a function within another count twice. */
  figures(): { readonly functions: number; readonly characters: number } {
    return { functions: this.#missing.size, characters: this.#characters - this.#missingCharacters() }
  }

  /** Ends the watch. */
  close(): void {
    this.#session.disconnect()
  }

  #missingCharacters(): number {
    let characters = 0
    for (const one of this.#missing.values()) characters += lengthOf(one)
    return characters
  }
}

/** The stretches that did not run. V8 nests ranges and gives the outer first: the innermost tells. */
function missingOf(ranges: readonly RangeCount[]): readonly Stretch[] {
  let missing: readonly Stretch[] = []
  for (const { startOffset, endOffset, count } of ranges) {
    const rest = missing.flatMap(([start, end]): readonly Stretch[] =>
      [[start, Math.min(end, startOffset)] as const, [Math.max(start, endOffset), end] as const].filter(
        ([from, to]) => from < to,
      ),
    )
    missing = count > 0 ? rest : [...rest, [startOffset, endOffset]]
  }
  return missing
}

function inBoth(one: readonly Stretch[], other: readonly Stretch[]): readonly Stretch[] {
  return one.flatMap(([start, end]) =>
    other
      .map(([from, to]): Stretch => [Math.max(start, from), Math.min(end, to)])
      .filter(([from, to]) => from < to),
  )
}

function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, [start, end]) => sum + end - start, 0)
}
