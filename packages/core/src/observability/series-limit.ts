import type { Labels } from './metrics.ts'

/** The value of each label once a metric has as many series as it may. */
const OTHER = 'other'
const BETWEEN = '\u0000'

/**
 * Keeps the series of one metric bounded, whatever its labels are given: those that come first have their own, and all
 * others together one more, each of whose labels is `other`. A series that is forgotten makes room for another.
 */
export class SeriesLimit {
  readonly #labelNames: readonly string[]
  readonly #maxSeries: number
  readonly #others: Labels
  readonly #known = new Set<string>()

  constructor(labelNames: readonly string[], maxSeries: number) {
    this.#labelNames = labelNames
    this.#maxSeries = maxSeries
    this.#others = Object.freeze(Object.fromEntries(labelNames.map((name) => [name, OTHER])))
  }

  /** The labels to measure under: as given, or those of all others. */
  admit(labels: Labels): Labels {
    if (this.#labelNames.length === 0) return labels
    const key = this.#keyOf(labels)
    if (this.#known.has(key)) return labels
    if (this.#known.size >= this.#maxSeries) return this.#others
    this.#known.add(key)
    return labels
  }

  /** Whether the series had a place of its own, which it has no more. */
  forget(labels: Labels): boolean {
    return this.#labelNames.length === 0 || this.#known.delete(this.#keyOf(labels))
  }

  #keyOf(labels: Labels): string {
    const [first = '', second] = this.#labelNames
    if (second === undefined) return labels[first] ?? ''
    return this.#labelNames.map((name) => labels[name] ?? '').join(BETWEEN)
  }
}
