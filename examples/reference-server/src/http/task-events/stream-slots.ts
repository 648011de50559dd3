import { HttpError } from '../http-error.ts'

/** How many streams a process keeps open. */
export interface StreamLimits {
  /** Of one caller. */
  readonly maxStreamsPerCaller: number
  /** Of all callers. */
  readonly maxStreams: number
}

/** Counts open streams, so that no caller and no crowd of them holds all that a process has. */
export class StreamSlots {
  readonly #limits: StreamLimits
  readonly #openByCaller = new Map<string, number>()
  #open = 0

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  /**
   * Takes a slot; call the result once to give it back.
   * @throws HttpError 429 `TOO_MANY_STREAMS` where the caller has its share, 503 `STREAMS_EXHAUSTED` where all are taken.
   */
  take({ tenantId, id }: { readonly tenantId: string; readonly id: string }): () => void {
    const caller = JSON.stringify([tenantId, id])
    const open = this.#openByCaller.get(caller) ?? 0
    const { maxStreamsPerCaller, maxStreams } = this.#limits
    if (open >= maxStreamsPerCaller) {
      throw new HttpError(429, 'TOO_MANY_STREAMS', `${maxStreamsPerCaller} streams are open already`)
    }
    if (this.#open >= maxStreams) {
      throw new HttpError(
        503,
        'STREAMS_EXHAUSTED',
        'no further stream can be opened at the moment, try again',
      )
    }
    this.#openByCaller.set(caller, open + 1)
    this.#open++
    return () => {
      this.#open--
      const left = (this.#openByCaller.get(caller) ?? 1) - 1
      if (left === 0) this.#openByCaller.delete(caller)
      else this.#openByCaller.set(caller, left)
    }
  }
}
