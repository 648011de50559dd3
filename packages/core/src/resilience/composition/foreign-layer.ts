import type { Policy } from '../policy.ts'
import type { Call, Inner, Layer } from './layer.ts'
import { NEVER_ABORTED } from './never-aborted.ts'

/** Any policy as a layer, at the price of a closure for each call. */
export class ForeignLayer implements Layer {
  readonly heedsSignal = true
  readonly #policy: Policy
  readonly #inner: Inner

  constructor(policy: Policy, inner: Inner) {
    this.#policy = policy
    this.#inner = inner
  }

  run<T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined): Promise<T> {
    // The default keeps the function's length 0, so that no signal is made for a call that nothing may end.
    const next = (own: AbortSignal | undefined = undefined): T | PromiseLike<T> =>
      this.#inner.run(call, own === NEVER_ABORTED ? undefined : own, key)
    try {
      return this.#policy.execute(next, optionsOf(signal, key))
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

function optionsOf(
  signal: AbortSignal | undefined,
  key: string | undefined,
): { signal?: AbortSignal; key?: string } | undefined {
  if (signal === undefined && key === undefined) return undefined
  return { ...(signal === undefined ? {} : { signal }), ...(key === undefined ? {} : { key }) }
}
