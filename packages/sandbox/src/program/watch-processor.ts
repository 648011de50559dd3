import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import { SandboxError } from '../sandbox-error.ts'
import type { ProcessorMeter } from './guest-process.ts'

const LEAST_PAUSE_MS = 100

/** What to watch, and who hears of it. */
export interface ProcessorWatchOptions {
  readonly meter: ProcessorMeter
  /** Milliseconds of processor from now on. */
  readonly limitMs: number
  readonly clock: Clock
  readonly onSpent: () => void
  /** Hears why the meter could not be read. Nothing is heard after that. */
  readonly onFailure: (cause: unknown) => void
}

/**
 * Milliseconds for which a meter need not be read again: within them the rest cannot be spent, however busy all of the
 * processors are; a little at least.
 */
export function pauseBeforeReading(leftMs: number, processors: number): number {
  return Math.max(LEAST_PAUSE_MS, Math.ceil(leftMs / processors))
}

/**
 * Reads a meter once, and from then on as seldom as it takes to notice that a limit is spent.
 * @returns what ends the watch.
 * @throws SandboxError `SANDBOX_INFRA` where the first reading fails or gives nothing.
 */
export async function watchProcessor(options: ProcessorWatchOptions): Promise<() => void> {
  const { meter, limitMs, clock, onSpent, onFailure } = options
  let isOver = false
  let timer: ScheduledTimer | undefined
  const startMs = await meter.usedMs()
  if (startMs === undefined) throw SandboxError.infra('the processor time of the guest cannot be measured')
  const look = async (): Promise<void> => {
    try {
      const usedMs = await meter.usedMs()
      // What has ended is heard of otherwise.
      if (isOver || usedMs === undefined) return
      const leftMs = limitMs - (usedMs - startMs)
      if (leftMs > 0) wait(leftMs)
      else onSpent()
    } catch (cause) {
      if (!isOver) onFailure(cause)
    }
  }
  const wait = (leftMs: number): void => {
    timer = clock.schedule(pauseBeforeReading(leftMs, meter.processors), () => void look())
  }
  wait(limitMs)
  return () => {
    isOver = true
    timer?.cancel()
  }
}
