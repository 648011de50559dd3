/** The last `size` calls, as a ring of flags. */
export class CountWindow {
  readonly #flags: Uint8Array
  #next = 0
  #calls = 0
  #bad = 0

  constructor(size: number) {
    this.#flags = new Uint8Array(size)
  }

  get calls(): number {
    return this.#calls
  }

  get bad(): number {
    return this.#bad
  }

  add(isBad: boolean): void {
    const flags = this.#flags
    if (this.#calls === flags.length) this.#bad -= flags[this.#next] ?? 0
    else this.#calls++
    const flag = isBad ? 1 : 0
    flags[this.#next] = flag
    this.#bad += flag
    this.#next = this.#next + 1 === flags.length ? 0 : this.#next + 1
  }

  clear(): void {
    this.#next = 0
    this.#calls = 0
    this.#bad = 0
  }
}
