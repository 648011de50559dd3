import { TimeError } from '../../time/index.ts'

/**
 * Waits for `call`, but no longer than the signal allows, whether `call` heeds it or not.
 * @throws TimeError `ABORTED` when the signal fires first; whatever `call` throws before.
 */
export async function untilAborted<T>(
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(TimeError.aborted(signal.reason))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([call(signal), aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
