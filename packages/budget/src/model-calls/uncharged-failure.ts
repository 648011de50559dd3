import { classifyLlmFailure } from '@golden-arch/core/resilience'

/** Whether an answer of this status shows that the model was not asked: what is wrong with the call was told instead. */
export function isUnchargedStatus(status: number): boolean {
  return (status >= 400 && status < 500) || status === 529
}

/** Whether a call that failed so was certainly not worked on, and costs nothing. */
export function isUnchargedFailure(error: unknown, now: Date): boolean {
  const verdict = classifyLlmFailure(error, now)
  if (verdict.kind === 'transient') return verdict.wasDone === 'no'
  if (typeof error !== 'object' || error === null) return false
  const status = 'statusCode' in error ? error.statusCode : 'status' in error ? error.status : undefined
  return typeof status === 'number' && isUnchargedStatus(status)
}
