import { HttpError } from '../http-error.ts'

/** How many streams a process keeps open. */
export interface StreamLimits {
  /** Of one caller. */
  readonly maxStreamsPerCaller: number
  /** Of all callers of one tenant. */
  readonly maxStreamsPerTenant: number
  /** Of all callers. */
  readonly maxStreams: number
}

/** Counts open streams, so that no caller, no tenant and no crowd of them holds all that a process has. */
export class StreamSlots {
  readonly #limits: StreamLimits
  readonly #open = new Map<string, number>()

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  /**
   * Takes a slot; call the result once to give it back.
   * @throws HttpError 429 `TOO_MANY_STREAMS` where the caller or the tenant has its share, 503 `STREAMS_EXHAUSTED` where
   * all are taken.
   */
  take({ tenantId, id }: { readonly tenantId: string; readonly id: string }): () => void {
    const { maxStreamsPerCaller, maxStreamsPerTenant, maxStreams } = this.#limits
    const [caller, tenant, all] = [JSON.stringify([tenantId, id]), JSON.stringify([tenantId]), '']
    if (this.#openOf(caller) >= maxStreamsPerCaller) {
      throw new HttpError(429, 'TOO_MANY_STREAMS', `${maxStreamsPerCaller} streams are open already`)
    }
    if (this.#openOf(tenant) >= maxStreamsPerTenant) {
      throw new HttpError(
        429,
        'TOO_MANY_STREAMS',
        `${maxStreamsPerTenant} streams of the tenant are open already`,
      )
    }
    if (this.#openOf(all) >= maxStreams) {
      throw new HttpError(
        503,
        'STREAMS_EXHAUSTED',
        'no further stream can be opened at the moment, try again',
      )
    }
    const keys = [caller, tenant, all]
    for (const key of keys) this.#open.set(key, this.#openOf(key) + 1)
    return () => {
      for (const key of keys) {
        const left = this.#openOf(key) - 1
        if (left === 0) this.#open.delete(key)
        else this.#open.set(key, left)
      }
    }
  }

  #openOf(key: string): number {
    return this.#open.get(key) ?? 0
  }
}
