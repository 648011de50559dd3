import { MAX_TIMER_MS } from '../../../time/index.ts'
import type { SharedCause, SharedCircuit, SharedStatus } from '../../ports/circuit-store.ts'

/** The states that processes tell one another of. */
export const STATUSES: readonly SharedStatus[] = [
  'closed',
  'open',
  'forced-open',
  'forced-closed',
  'disabled',
]
/** What brings them about. */
export const CAUSES: readonly SharedCause[] = [
  'tripped',
  'probe-failed',
  'probes-succeeded',
  'forced',
  'reset',
]

/** The last millisecond that a clock can tell: with a greater epoch nobody could ever speak of the circuit again. */
export const MAX_EPOCH = 8_640_000_000_000_000

/** The longest recovery time that a breaker takes. */
export const MAX_REMAINING_MS: number = MAX_TIMER_MS

/** As our own names and reasons are; others may have published anything, which must not reach tables and labels. */
const TEXT = /^[^\p{Cc}]{1,256}$/u

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
  if (!isText(name) || !isText(reason) || !isText(author)) return undefined
  if (status === undefined || cause === undefined || typeof epochText !== 'string') return undefined
  if (!Number.isSafeInteger(epoch) || epoch < 0 || epoch > MAX_EPOCH) return undefined
  if (typeof remainingMs !== 'number' || !(remainingMs >= 0 && remainingMs <= MAX_REMAINING_MS))
    return undefined
  return { name, epoch, status, remainingMs: Math.round(remainingMs), cause, reason, author }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && TEXT.test(value)
}
