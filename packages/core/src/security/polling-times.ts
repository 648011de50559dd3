import { requireInteger } from '../errors/index.ts'

/** How long something that was read out of a store is used. */
export interface PollingTimes {
  /** Milliseconds after which a use starts to read anew, without waiting for it. */
  readonly refreshAfterMs: number
  /** Milliseconds after which a use waits for what is read anew, and fails where that fails. */
  readonly staleAfterMs: number
  /** Milliseconds that reading may take. */
  readonly timeoutMs: number
}

/**
 * Checks the times and fills in the defaults: refreshed after 100 to 60000 milliseconds (2000), stale after that to
 * 300000 (5000), read within 100 to `staleAfterMs` (2000). A default gives way to what was chosen beside it.
 * @throws InvalidOptionError `INVALID_OPTION` on a time out of its range.
 */
export function resolvePollingTimes(
  times: {
    readonly [Name in keyof PollingTimes]?: number | undefined
  },
): PollingTimes {
  const { refreshAfterMs = 2000 } = times
  requireInteger('refreshAfterMs', refreshAfterMs, { min: 100, max: 60_000 })
  const { staleAfterMs = Math.max(5000, refreshAfterMs) } = times
  requireInteger('staleAfterMs', staleAfterMs, { min: refreshAfterMs, max: 300_000 })
  const { timeoutMs = Math.min(2000, staleAfterMs) } = times
  requireInteger('timeoutMs', timeoutMs, { min: 100, max: staleAfterMs })
  return { refreshAfterMs, staleAfterMs, timeoutMs }
}
