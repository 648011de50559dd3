/** Failures of streams of which some chunks were handed out already. */
const STREAMED = new WeakSet<object>()

/** Notes that `error` ended a stream after its first chunk. */
export function noteStreamedFailure(error: unknown): void {
  if (typeof error === 'object' && error !== null) STREAMED.add(error)
}

/** Whether `error` ended a stream after its first chunk, so that a repetition would say the beginning twice. */
export function isStreamedFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && STREAMED.has(error)
}
