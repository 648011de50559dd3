import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What breakers cost while nobody uses them. */
export interface IdleCost {
  /** Of the heap, for each breaker. */
  readonly bytes: number
  /** For each breaker. */
  readonly timers: number
  /** Milliseconds of processor time in each second, for all of them. */
  readonly idleMillisPerSecond: number
  /** Microseconds of processor time for making each breaker. */
  readonly makingMicros: number
}

/** Measures so many breakers of a contender in a process of their own. */
export async function idleCost(contender: string, count: number): Promise<IdleCost> {
  const program = fileURLToPath(new URL('idle-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=golden-arch-source',
    '--disable-warning=MaxListenersExceededWarning',
    program,
    contender,
    String(count),
  ])
  // Safe: our own program prints just this.
  return JSON.parse(stdout) as IdleCost
}
