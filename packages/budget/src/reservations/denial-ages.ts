const MAX_COUNTED = 10_000

/** How often requests of this process were denied in a row; the latest 10000 of them. */
export class DenialAges {
  readonly #counts = new Map<string, number>()
  readonly #ageAfterDenials: number

  constructor(ageAfterDenials: number) {
    this.#ageAfterDenials = ageAfterDenials
  }

  /** Whether a request was denied so often that it goes before others. */
  isAged(key: string): boolean {
    if (this.#counts.size === 0) return false
    return (this.#counts.get(key) ?? 0) >= this.#ageAfterDenials
  }

  denied(key: string): void {
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.delete(key)
    this.#counts.set(key, count)
    if (this.#counts.size <= MAX_COUNTED) return
    const [oldest] = this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
  }

  granted(key: string): void {
    if (this.#counts.size > 0) this.#counts.delete(key)
  }
}
