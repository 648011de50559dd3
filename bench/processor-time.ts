import { readdirSync, readFileSync } from 'node:fs'

/** Microseconds of processor time, since some start. */
export type ProcessorTime = number

/** Linux counts in hundredths of a second. */
const TICK_MICROS = 10_000

/**
 * What this process and the servers, with all their children living and ended, have used. The servers are left out
 * where there is no /proc.
 */
export function processorTimeOf(serverPids: readonly number[]): ProcessorTime {
  const { user, system } = process.cpuUsage()
  const processes = readProcesses()
  let ticks = 0
  for (const one of processes.values()) {
    if (serverPids.includes(one.pid)) ticks += one.ticks + one.childTicks
    else if (serverPids.includes(one.parentPid)) ticks += one.ticks
  }
  return user + system + ticks * TICK_MICROS
}

/** The parent of a process, or undefined where there is no /proc. */
export function parentOf(pid: number): number | undefined {
  return readProcess(pid)?.parentPid
}

/** The processes that a process has started and that live, or none where there is no /proc. */
export function childrenOf(pid: number): readonly number[] {
  return [...readProcesses().values()].filter(({ parentPid }) => parentPid === pid).map((one) => one.pid)
}

interface ProcessTicks {
  readonly pid: number
  readonly parentPid: number
  readonly ticks: number
  /** Of children that have ended. */
  readonly childTicks: number
}

function readProcesses(): Map<number, ProcessTicks> {
  const found = new Map<number, ProcessTicks>()
  try {
    for (const name of readdirSync('/proc')) {
      const one = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined
      if (one !== undefined) found.set(one.pid, one)
    }
  } catch {
    // Not Linux.
  }
  return found
}

function readProcess(pid: number): ProcessTicks | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; the fields after it are numbered from 3 in proc(5).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const field = (number: number): number => Number(fields[number - 3])
    return { pid, parentPid: field(4), ticks: field(14) + field(15), childTicks: field(16) + field(17) }
  } catch {
    return undefined
  }
}
