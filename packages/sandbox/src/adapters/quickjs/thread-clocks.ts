import type { GuestClocks } from './guest-deadline.ts'

/**
 * Whether this Node tells the processor time of one thread. Where it does not, a guest's processor time is taken to be its
 * wall time, which is never less.
 */
export const TELLS_PROCESSOR_TIME: boolean = typeof process.threadCpuUsage === 'function'

/** The clocks of the thread that asks. */
export const threadClocks: GuestClocks = Object.freeze({
  wallMs: () => performance.now(),
  processorMs: () => {
    if (!TELLS_PROCESSOR_TIME) return performance.now()
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  },
})
