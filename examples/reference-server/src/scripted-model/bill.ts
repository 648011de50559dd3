import { appendFileSync, existsSync } from 'node:fs'
import { z } from 'zod'
import { readJsonLines } from '../json-lines.ts'

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
  /** Those of them that were input; the others were output. */
  readonly input_tokens: number
  readonly end: BilledEnd
}

/** The whole bill. */
export interface BillView {
  readonly billed_tokens: number
  readonly requests: number
  readonly calls: readonly BilledCall[]
}

const MAX_CALLS = 100_000

const chargeSchema = z.strictObject({
  key: z.string().optional(),
  step: z.string(),
  tokens: z.number(),
  input_tokens: z.number(),
  end: z.enum(['told', 'untold', 'refused']),
})

/** What is written down of one sending of a call. */
export type Charge = z.infer<typeof chargeSchema>

/** What a provider's invoice would say: a call that is sent again under its key is charged once. */
export class Bill {
  readonly #calls = new Map<string, BilledCall>()
  readonly #file: string | undefined
  #tokens = 0
  #requests = 0

  /** With a file it is kept there, and goes on from what stands in it already. Throws, naming the line, on one that is no bill. */
  constructor(file?: string) {
    this.#file = file
    if (file === undefined || !existsSync(file)) return
    for (const { value } of readJsonLines(file, chargeSchema)) this.#add(value)
  }

  /** Tokens charged so far. */
  get tokens(): number {
    return this.#tokens
  }

  /** Writes a call down. Throws beyond 100000 of them: a bill that forgets is none. */
  charge(charge: Charge): void {
    // In the file before it is answered, so that nobody was ever told what is not on the bill.
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(charge)}\n`)
    this.#add(charge)
  }

  /** All of it. */
  view(): BillView {
    return { billed_tokens: this.#tokens, requests: this.#requests, calls: [...this.#calls.values()] }
  }

  #add({ key: given, step, tokens, input_tokens: inputTokens, end }: Charge): void {
    this.#requests++
    const key = given ?? `unnamed-${this.#requests}`
    const before = this.#calls.get(key)
    if (before === undefined && this.#calls.size === MAX_CALLS) throw new Error('the bill is full')
    const isNew = before === undefined || before.tokens === 0
    if (isNew) this.#tokens += tokens
    this.#calls.set(key, {
      key,
      step,
      requests: (before?.requests ?? 0) + 1,
      tokens: isNew ? tokens : before.tokens,
      input_tokens: isNew ? inputTokens : before.input_tokens,
      end: before?.end === 'told' ? 'told' : end,
    })
  }
}
