import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Operation } from './contender.ts'

/** What one sample gave, for each call. */
export interface Sample {
  /** Nanoseconds of processor time. */
  readonly nanos: number
  /** Bytes taken from the heap. */
  readonly bytes: number
}

/** Below this much processor time a sample says little: some systems count it in hundredths of a second. */
const LEAST_SAMPLE_MICROS = 60_000
const BYTE_CALLS = 200
const BYTE_SAMPLES = 7

setFlagsFromString('--expose-gc')
// Safe: the flag above gives every new context the function.
const collectGarbage = runInNewContext('gc') as () => void

/** Calls that fill one sample, found by trying; the operation is warm afterwards. */
export async function calibrate(operation: Operation): Promise<number> {
  for (let calls = 100; ; calls *= 2) {
    const micros = await microsOf(operation, calls)
    if (micros >= LEAST_SAMPLE_MICROS / 4) return Math.ceil((calls * LEAST_SAMPLE_MICROS) / micros)
  }
}

/** One sample of so many calls, one after the other. */
export async function sample(operation: Operation, calls: number): Promise<Sample> {
  collectGarbage()
  return { nanos: ((await microsOf(operation, calls)) * 1000) / calls, bytes: await bytesOf(operation) }
}

/** Takes the garbage away, and gives the bytes that are left on the heap. */
export function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** Microseconds of processor time of this thread so far. */
export function threadMicros(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

async function microsOf(operation: Operation, calls: number): Promise<number> {
  const before = threadMicros()
  for (let call = 0; call < calls; call++) await operation()
  return threadMicros() - before
}

/** The median, as a collection in between makes a sample worthless. */
async function bytesOf(operation: Operation): Promise<number> {
  const found: number[] = []
  for (let index = 0; index < BYTE_SAMPLES; index++) {
    const before = process.memoryUsage().heapUsed
    for (let call = 0; call < BYTE_CALLS; call++) await operation()
    found.push((process.memoryUsage().heapUsed - before) / BYTE_CALLS)
  }
  return median(found)
}

/** The one in the middle. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)] ?? Number.NaN
}
