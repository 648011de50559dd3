import { isGoldenError } from '@golden-arch/core/errors'
import { type Clock, exponentialDelayMs, sleep, systemClock } from '@golden-arch/core/time'
import type { EventHandler } from '@golden-arch/messaging'

/** How a handler waits. */
export interface OutageOptions {
  /** Default the system clock. */
  readonly clock?: Clock
  /** Numbers from 0 to 1 that spread the pauses. Default `Math.random`. */
  readonly random?: () => number
}

const PAUSE = { initialDelayMs: 250, maxDelayMs: 5000 }

/** Milliseconds (1 hour) that a handler has in which it may wait for the database: the `handlerTimeoutMs` of its consumer. */
export const HANDLER_TIMEOUT_MS = 3_600_000

/**
 * The same handler, which keeps its message while the database is away and then handles it anew: an outage is no failure of
 * the message, and uses up none of its attempts until {@link HANDLER_TIMEOUT_MS} are over; then, and after each as long again,
 * it uses up one. For handlers that may be run again. It ends with the delivery's signal.
 */
export function throughOutages<Data>(
  handle: EventHandler<Data>,
  { clock = systemClock, random = Math.random }: OutageOptions = {},
): EventHandler<Data> {
  return async (delivery) => {
    const { signal } = delivery
    for (let failures = 1; ; failures++) {
      try {
        return await handle(delivery)
      } catch (error) {
        if (signal.aborted || !isOutage(error)) throw error
        await sleep(exponentialDelayMs(failures, PAUSE, random()), { signal, clock })
      }
    }
  }
}

function isOutage(error: unknown): boolean {
  return isGoldenError(error, 'DATABASE_UNAVAILABLE') || isGoldenError(error, 'OUTCOME_UNKNOWN')
}
