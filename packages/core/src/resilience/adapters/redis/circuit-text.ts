import type { SharedCause, SharedCircuit, SharedStatus } from '../../ports/circuit-store.ts'

const STATUSES: readonly SharedStatus[] = ['closed', 'open', 'forced-open', 'forced-closed', 'disabled']
const CAUSES: readonly SharedCause[] = ['tripped', 'probe-failed', 'probes-succeeded', 'forced', 'reset']

/** The circuit that a text of our scripts tells of; undefined for any other text, which others may have published. */
export function readCircuitText(value: unknown): SharedCircuit | undefined {
  if (typeof value !== 'string') return undefined
  let parts: unknown
  try {
    parts = JSON.parse(value)
  } catch {
    return undefined
  }
  if (!Array.isArray(parts)) return undefined
  const [name, epochText, statusText, remainingMs, causeText, reason, author] = parts as readonly unknown[]
  const epoch = Number(epochText)
  const status = STATUSES.find((one) => one === statusText)
  const cause = CAUSES.find((one) => one === causeText)
  if (typeof name !== 'string' || typeof reason !== 'string' || typeof author !== 'string') return undefined
  if (status === undefined || cause === undefined || !Number.isSafeInteger(epoch) || epoch < 0)
    return undefined
  if (typeof remainingMs !== 'number' || !(remainingMs >= 0)) return undefined
  return { name, epoch, status, remainingMs: Math.round(remainingMs), cause, reason, author }
}
