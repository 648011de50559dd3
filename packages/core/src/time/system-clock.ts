import type { Clock, ScheduledTimer } from './clock.ts'

/** The machine's own clock. A scheduled timer keeps the process alive until it fires or is called off. */
export const systemClock: Clock = Object.freeze({
  now: (): Date => new Date(),
  monotonicMs: (): number => performance.now(),
  schedule: (delayMs: number, callback: () => void): ScheduledTimer => {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
})
