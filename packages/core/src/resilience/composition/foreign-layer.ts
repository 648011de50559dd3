import type { Policy } from '../policy.ts'
import type { Call, Inner, Layer } from './layer.ts'

/** Any policy as a layer, at the price of a closure for each call. */
export class ForeignLayer implements Layer {
  readonly #policy: Policy
  readonly #inner: Inner

  constructor(policy: Policy, inner: Inner) {
    this.#policy = policy
    this.#inner = inner
  }

  async run<T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined): Promise<T> {
    return this.#policy.execute((own) => this.#inner.run(call, own, key), optionsOf(signal, key))
  }
}

function optionsOf(
  signal: AbortSignal | undefined,
  key: string | undefined,
): { signal?: AbortSignal; key?: string } | undefined {
  if (signal === undefined && key === undefined) return undefined
  return { ...(signal === undefined ? {} : { signal }), ...(key === undefined ? {} : { key }) }
}
