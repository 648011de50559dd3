import { setTimeout as delay } from 'node:timers/promises'

const PAUSE_MS = 20

/** Tries `attempt` until it returns; throws its last error when the time is over, or at once when the signal aborts. */
export async function waitUntil<T>(
  attempt: () => Promise<T>,
  timeLimitMs: number,
  signal: AbortSignal,
): Promise<T> {
  const endsAt = performance.now() + timeLimitMs
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() >= endsAt) throw error
    }
    await delay(PAUSE_MS)
  }
}
