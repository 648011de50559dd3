import { TimeError } from '../../time/index.ts'

/**
 * The outcome of `promise`, unless the signal fires first; `promise` itself goes on.
 * @throws TimeError `ABORTED` when the signal fires; whatever `promise` rejects with.
 */
export async function stopWaiting<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  let onAbort: () => void = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(TimeError.aborted(signal.reason))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
