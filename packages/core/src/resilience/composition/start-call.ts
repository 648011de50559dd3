import { TimeError } from '../../time/index.ts'
import type { ExecuteOptions } from '../policy.ts'
import type { Call, Layer } from './layer.ts'

/** Sends a call through its outermost layer, and gives up waiting as soon as the caller's own signal fires. */
export function startCall<T>(layer: Layer, call: Call<T>, options: ExecuteOptions | undefined): Promise<T> {
  const signal = options?.signal
  if (signal === undefined) return layer.run(call, undefined, options?.key)
  if (signal.aborted) return Promise.reject(TimeError.aborted(signal.reason))
  return untilAborted(layer.run(call, signal, options?.key), signal)
}

function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(TimeError.aborted(signal.reason))
    // The call may have made the signal fire while it began.
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    result.then(
      (value) => {
        signal.removeEventListener('abort', onAbort)
        resolve(value)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      },
    )
  })
}
