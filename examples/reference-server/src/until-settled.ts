import { setTimeout as delay } from 'node:timers/promises'
import type { SqlDatabase } from '@golden-arch/core/storage'

const POLL_MS = 100

/**
 * Waits until nothing moves of itself any more, or the signal fires: no step is asked for or runs, and no task is to be
 * looked at. What is left then has ended or waits for a person.
 */
export async function untilSettled(
  database: SqlDatabase,
  signal: AbortSignal,
  pollMs: number = POLL_MS,
): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await database.query<{ moves: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM task_steps WHERE state IN ('requested', 'running'))
           OR EXISTS (SELECT 1 FROM tasks WHERE wake_at IS NOT NULL) AS moves`,
    )
    if (rows[0]?.moves === false) return
    await delay(pollMs, undefined, { signal }).catch(() => undefined)
  }
}
