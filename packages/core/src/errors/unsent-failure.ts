/** Failures from before the service was asked. */
const UNSENT = new WeakSet<object>()

/**
 * Notes that `error` came before the service was asked: by default no circuit breaker counts it, and a retry takes the work for not
 * done. For what stands in front of a call within a breaker, as a budget does. What is no object cannot be noted.
 */
export function noteUnsentFailure(error: unknown): void {
  if (typeof error === 'object' && error !== null) UNSENT.add(error)
}

/** Whether `error` came before the service was asked. */
export function isUnsentFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && UNSENT.has(error)
}
