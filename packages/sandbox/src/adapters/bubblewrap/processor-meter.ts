import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { ProcessorMeter } from '../../program/guest-process.ts'
import type { ControlGroup } from './control-group.ts'

/** Linux tells processor time to programs in hundredths of a second, whatever its own tick. */
const TICK_MS = 10

/**
 * Counts the processor of a guest: by its control group, or else by walking through its processes, which counts one that
 * has ended from when its parent has taken note of it.
 */
export function processorMeter(
  group: ControlGroup | undefined,
  cpus: number,
  innerPid: () => number | undefined,
): ProcessorMeter {
  if (group?.usedMs !== undefined) {
    return { processors: cpus, usedMs: async () => group.usedMs }
  }
  return {
    processors: availableParallelism(),
    usedMs: async () => {
      const pid = innerPid()
      return pid === undefined ? undefined : treeMs(pid)
    },
  }
}

function treeMs(root: number): number | undefined {
  let total: number | undefined
  const pending = [root]
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    const ownMs = processorMs(read(`/proc/${pid}/stat`))
    if (ownMs === undefined) continue
    total = (total ?? 0) + ownMs
    pending.push(...childrenOf(pid))
  }
  return total
}

/** A child belongs to the thread that made it. */
function childrenOf(pid: number): readonly number[] {
  const threads = list(`/proc/${pid}/task`)
  const said = threads.map((thread) => read(`/proc/${pid}/task/${thread}/children`))
  return said.join(' ').split(' ').filter(Boolean).map(Number)
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Milliseconds of a process and of the children that it waited for, from `/proc/<pid>/stat`; see proc(5), 14 to 17. */
export function processorMs(stat: string): number | undefined {
  if (stat === '') return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return TICK_MS * fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
