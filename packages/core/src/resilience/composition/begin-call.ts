import type { Call } from './layer.ts'

/** The promise of the call, also where it throws at once or gives no promise or one of another kind. */
export function beginCall<T>(call: Call<T>, signal: AbortSignal): Promise<T> {
  try {
    return Promise.resolve(call(signal))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** What follows a call when it settles. */
export interface CallEnd {
  /** Of the circuit when it began. */
  readonly generation: number
  readonly answered: <R>(result: R) => R
  readonly failed: (error: unknown) => never
}
