/** Reads a text once. */
export type Operation = () => unknown

/** Below this much processor time a sample says little. */
const LEAST_SAMPLE_MICROS = 60_000

/** Readings that fill one sample, found by trying; the operation is warm afterwards. */
export async function calibrate(operation: Operation): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const micros = (await microsOf(operation, calls)) * calls
    if (micros >= LEAST_SAMPLE_MICROS / 2)
      return Math.max(1, Math.ceil((calls * LEAST_SAMPLE_MICROS) / micros))
  }
}

/** Microseconds of this thread's processor time for one reading, over so many of them. */
export async function microsOf(operation: Operation, calls: number): Promise<number> {
  const before = threadMicros()
  for (let call = 0; call < calls; call++) {
    const result = operation()
    if (result instanceof Promise) await result
  }
  return (threadMicros() - before) / calls
}

/** The one in the middle. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)] ?? Number.NaN
}

function threadMicros(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
