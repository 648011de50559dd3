/** What became of a call as the server sees it. `told`: it gave a whole answer that names its usage to whoever still listened. */
export type BilledEnd = 'told' | 'untold' | 'refused'

/** One call on the bill. */
export interface BilledCall {
  /** The idempotency key, or a name of the server's own where the call had none. */
  readonly key: string
  /** The step that the call was for: `task|step|attempt|call`. */
  readonly step: string
  /** How often it was sent. */
  readonly requests: number
  /** Charged once, however often it was sent. */
  readonly tokens: number
  readonly end: BilledEnd
}

/** The whole bill. */
export interface BillView {
  readonly billed_tokens: number
  readonly requests: number
  readonly calls: readonly BilledCall[]
}

const MAX_CALLS = 100_000

/** What a provider's invoice would say: a call that is sent again under its key is charged once. */
export class Bill {
  readonly #calls = new Map<string, BilledCall>()
  #tokens = 0
  #requests = 0

  /** Tokens charged so far. */
  get tokens(): number {
    return this.#tokens
  }

  /** Writes a call down. Throws beyond 100000 of them: a bill that forgets is none. */
  charge(
    call: { readonly key: string | undefined; readonly step: string },
    tokens: number,
    end: BilledEnd,
  ): void {
    this.#requests++
    const key = call.key ?? `unnamed-${this.#requests}`
    const before = this.#calls.get(key)
    if (before === undefined && this.#calls.size === MAX_CALLS) throw new Error('the bill is full')
    const isNew = before === undefined || before.tokens === 0
    if (isNew) this.#tokens += tokens
    this.#calls.set(key, {
      key,
      step: call.step,
      requests: (before?.requests ?? 0) + 1,
      tokens: isNew ? tokens : before.tokens,
      end: before?.end === 'told' ? 'told' : end,
    })
  }

  /** All of it. */
  view(): BillView {
    return { billed_tokens: this.#tokens, requests: this.#requests, calls: [...this.#calls.values()] }
  }
}
