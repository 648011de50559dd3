import { readFileSync } from 'node:fs'

/** Linux tells processor time to programs in hundredths of a second, and memory in pages. */
const TICK_MS = 10
const KIB = 1024

/** What a process has of the machine, by the kernel's word. */
export interface ProcessUsage {
  /** Milliseconds of processor since its start. */
  readonly processorMs: number
  /** Bytes of memory that it holds now. */
  readonly residentBytes: number
}

/** What a process uses; undefined where the kernel does not tell, as on systems other than Linux, or it has ended. */
export function processUsage(
  pid: number,
  read: (path: string) => string = readText,
): ProcessUsage | undefined {
  try {
    const stat = read(`/proc/${pid}/stat`)
    const resident = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
    if (resident === undefined) return undefined
    // See proc(5): fields 14 and 15; the second field, a name in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return { processorMs: ticks * TICK_MS, residentBytes: Number(resident) * KIB }
  } catch {
    return undefined
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}
