import type { Clock } from '@golden-arch/core/time'
import type { ProcessorMeter } from '../../program/guest-process.ts'

/** The process that a meter is of. */
export interface MeteredProcess {
  readonly hasEnded: boolean
  /** Milliseconds of processor since its start; undefined where the kernel does not tell, or it has just ended. */
  readonly processorMs: number | undefined
}

/**
 * Tells the processor time of one process. Where the first reading gives nothing, as of a kernel that does not tell, wall time
 * stands for it from then on, which is seldom less; a later one that gives nothing is of a process that has ended.
 */
export function processMeter(process: MeteredProcess, clock: Clock): ProcessorMeter {
  let isTold: boolean | undefined
  return {
    processors: 1,
    usedMs: async () => {
      if (process.hasEnded) return undefined
      const usedMs = process.processorMs
      isTold ??= usedMs !== undefined
      return isTold ? usedMs : clock.monotonicMs()
    },
  }
}
