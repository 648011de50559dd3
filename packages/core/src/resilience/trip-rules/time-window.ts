/** The window moves on by a tenth of its length at a time, so that it covers nine to ten tenths of it. */
const SLICES = 10

/** The calls of the last milliseconds, in ten slices of time. */
export class TimeWindow {
  readonly #sliceMs: number
  readonly #calls = new Array<number>(SLICES).fill(0)
  readonly #bad = new Array<number>(SLICES).fill(0)
  #originMs: number | undefined
  #slice = 0
  #totalCalls = 0
  #totalBad = 0

  constructor(durationMs: number) {
    this.#sliceMs = durationMs / SLICES
  }

  get calls(): number {
    return this.#totalCalls
  }

  get bad(): number {
    return this.#totalBad
  }

  add(isBad: boolean, nowMs: number): void {
    this.advance(nowMs)
    const index = this.#slice % SLICES
    this.#calls[index] = (this.#calls[index] ?? 0) + 1
    this.#totalCalls++
    if (!isBad) return
    this.#bad[index] = (this.#bad[index] ?? 0) + 1
    this.#totalBad++
  }

  /** Drops what lies before the window by now; adding does so too. */
  advance(nowMs: number): void {
    // Slices are counted from the first call, as a monotonic clock may begin anywhere.
    this.#originMs ??= nowMs
    this.#moveTo(Math.floor((nowMs - this.#originMs) / this.#sliceMs))
  }

  clear(): void {
    this.#calls.fill(0)
    this.#bad.fill(0)
    this.#totalCalls = 0
    this.#totalBad = 0
  }

  /** Empties the slices that time has passed over. */
  #moveTo(slice: number): void {
    if (slice <= this.#slice) return
    if (slice - this.#slice >= SLICES) this.clear()
    else for (let passed = this.#slice + 1; passed <= slice; passed++) this.#drop(passed % SLICES)
    this.#slice = slice
  }

  #drop(index: number): void {
    this.#totalCalls -= this.#calls[index] ?? 0
    this.#totalBad -= this.#bad[index] ?? 0
    this.#calls[index] = 0
    this.#bad[index] = 0
  }
}
