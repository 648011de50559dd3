import { ownSignal } from './own-signal.ts'

/** What a policy runs. */
export type Call<T> = (signal: AbortSignal) => T | PromiseLike<T>

/** The rest of a call's way: the layers below, and the call itself at the end. */
export interface Inner {
  /** Whether it heeds its signal also for a call that takes none, as what waits does. */
  readonly heedsSignal: boolean
  /** May answer at once, and may throw. A signal that is undefined never fires. */
  run<T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined): T | PromiseLike<T>
}

/**
 * One policy on the way of a call. It is made once, when policies are composed, and keeps no state of a single call, so
 * that a composed call needs no closure for each layer.
 */
export interface Layer extends Inner {
  /** Never throws. A signal that has fired already is the caller's to see to; one that fires later is the layer's. */
  run<T>(call: Call<T>, signal: AbortSignal | undefined, key: string | undefined): Promise<T>
}

/** The end of the way. */
export const CALL_ITSELF: Inner = Object.freeze({
  heedsSignal: false,
  run: <T>(call: Call<T>, signal: AbortSignal | undefined): T | PromiseLike<T> =>
    call(signal ?? ownSignal(call)),
})

/** What `inner` gives as a promise, also where it throws at once. */
export function begin<T>(
  inner: Inner,
  call: Call<T>,
  signal: AbortSignal | undefined,
  key: string | undefined,
): Promise<T> {
  try {
    return Promise.resolve(inner.run(call, signal, key))
  } catch (error) {
    return Promise.reject(error)
  }
}
