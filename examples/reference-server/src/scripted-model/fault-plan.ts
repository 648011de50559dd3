import { createHash } from 'node:crypto'

/**
 * What the scripted model can do wrong. Nothing is billed of `rate-limited` (429 with Retry-After), `overloaded` (529),
 * `unavailable` (503) and `disconnect`; of all others, the answer is billed: `cut` (half of it, then the connection ends),
 * `malformed` (its JSON ends in the middle), `refusal`, `missing-usage`, `slow` and `hang` (no answer ever comes).
 */
export const FAULTS = [
  'rate-limited',
  'overloaded',
  'unavailable',
  'disconnect',
  'cut',
  'malformed',
  'refusal',
  'missing-usage',
  'slow',
  'hang',
] as const

/** Something that the scripted model does wrong. */
export type Fault = (typeof FAULTS)[number]

/** How often it does what wrong. */
export interface FaultPlanOptions {
  /** The share of the calls that each fault gets, 0 to 1; 1 in all at most. */
  readonly rates: Readonly<Partial<Record<Fault, number>>>
  /** Another seed gives other calls the faults. Default `1`. */
  readonly seed?: string
  /** Calls of one attempt at a step that may get a fault, the first ones: so each attempt gets its answer in the end. Default 2. */
  readonly maxCalls?: number
}

/** Which call gets which fault: always the same one for the same call, whatever came before it. */
export class FaultPlan {
  readonly #options: FaultPlanOptions

  /** Throws on a share out of range. */
  constructor(options: FaultPlanOptions) {
    const rates = Object.values(options.rates)
    const isInRange = rates.every((rate) => rate >= 0 && rate <= 1)
    if (!isInRange || rates.reduce((sum, rate) => sum + rate, 0) > 1 + 1e-9) {
      throw new Error('the rates of faults must be from 0 to 1, and 1 in all at most')
    }
    this.#options = options
  }

  /** Reads `cut=0.1,overloaded=0.05`. Throws, saying what is wrong. */
  static parse(text: string, options: Omit<FaultPlanOptions, 'rates'> = {}): FaultPlan {
    const rates: Partial<Record<Fault, number>> = {}
    for (const item of text.split(',').map((one) => one.trim())) {
      if (item === '') continue
      const [name, share] = item.split('=', 2)
      const fault = FAULTS.find((one) => one === name)
      if (fault === undefined) throw new Error(`no fault is named ${name}; there are: ${FAULTS.join(', ')}`)
      rates[fault] = share === undefined || share.trim() === '' ? Number.NaN : Number(share)
    }
    return new FaultPlan({ ...options, rates })
  }

  /** The fault of a call, by what names it; undefined: it gets its answer. */
  faultOf(call: { readonly name: string; readonly number: number }): Fault | undefined {
    const { rates, seed = '1', maxCalls = 2 } = this.#options
    if (call.number > maxCalls) return undefined
    const digest = createHash('sha256').update(`${seed}\n${call.name}\n${call.number}`).digest()
    let place = digest.readUIntBE(0, 6) / 2 ** 48
    for (const fault of FAULTS) {
      place -= rates[fault] ?? 0
      if (place < 0) return fault
    }
    return undefined
  }
}
