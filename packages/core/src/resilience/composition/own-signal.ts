import { NEVER_ABORTED } from './never-aborted.ts'

/**
 * The signal of a call whose caller gave none: one of its own if it takes one. On a shared one, listeners that nobody
 * removes would pile up.
 */
export function ownSignal(call: (signal: AbortSignal) => unknown): AbortSignal {
  return call.length === 0 ? NEVER_ABORTED : new AbortController().signal
}
