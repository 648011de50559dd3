/** Where a {@link GuestDeadline} reads time: milliseconds that only grow. */
export interface GuestClocks {
  wallMs(): number
  /** Time of the processor that this thread has used. */
  processorMs(): number
}

/** Which time a guest has used up. */
export type SpentTime = 'wall' | 'processor'

/**
 * The time that one program has. The processor's clock is read only when enough wall time has gone by for it to have run
 * out, since a thread uses no more of the one than of the other.
 */
export class GuestDeadline {
  readonly #clocks: GuestClocks
  readonly #wallEndMs: number
  readonly #processorLimitMs: number
  readonly #processorStartMs: number
  #nextLookMs: number

  /** Begins to count now. */
  constructor(limits: { readonly timeoutMs: number; readonly cpuTimeMs: number }, clocks: GuestClocks) {
    const nowMs = clocks.wallMs()
    this.#clocks = clocks
    this.#wallEndMs = nowMs + limits.timeoutMs
    this.#processorLimitMs = limits.cpuTimeMs
    this.#processorStartMs = clocks.processorMs()
    this.#nextLookMs = nowMs + limits.cpuTimeMs
  }

  /** Milliseconds of the processor since the beginning. */
  get processorMs(): number {
    return this.#clocks.processorMs() - this.#processorStartMs
  }

  /** What has run out by now, if anything. */
  spent(): SpentTime | undefined {
    const nowMs = this.#clocks.wallMs()
    if (nowMs >= this.#nextLookMs) {
      const leftMs = this.#processorLimitMs - this.processorMs
      if (leftMs <= 0) return 'processor'
      this.#nextLookMs = nowMs + leftMs
    }
    return nowMs >= this.#wallEndMs ? 'wall' : undefined
  }
}
