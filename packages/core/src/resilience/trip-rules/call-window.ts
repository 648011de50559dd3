import { InvalidOptionError, requireInteger } from '../../errors/index.ts'
import { CountWindow } from './count-window.ts'
import { TimeWindow } from './time-window.ts'

/** Over which calls a rate is taken: the last `calls` of them (1 to 100000), or those of the last `durationMs` (10 to 86400000). */
export type CallWindow = { readonly calls: number } | { readonly durationMs: number }

/** Calls within a window, and how many of them were bad. Adding costs the same whatever the window's size. */
export interface WindowCounts {
  readonly calls: number
  readonly bad: number
  add(isBad: boolean, nowMs: number): void
  clear(): void
}

/** @throws InvalidOptionError `INVALID_OPTION` on a window that is neither of the two, or out of range. */
export function requireCallWindow(window: CallWindow): CallWindow {
  const asked: Partial<Record<'calls' | 'durationMs', unknown>> =
    typeof window === 'object' && window !== null ? window : {}
  if ((asked.calls === undefined) === (asked.durationMs === undefined)) {
    throw new InvalidOptionError('window', 'either { calls } or { durationMs }', window)
  }
  if (asked.calls !== undefined) {
    return { calls: requireInteger('window.calls', asked.calls, { min: 1, max: 100_000 }) }
  }
  return { durationMs: requireInteger('window.durationMs', asked.durationMs, { min: 10, max: 86_400_000 }) }
}

/** An empty window of the kind asked for. */
export function openWindow(window: CallWindow): WindowCounts {
  return 'calls' in window ? new CountWindow(window.calls) : new TimeWindow(window.durationMs)
}
