import { readdirSync, readFileSync } from 'node:fs'

/** What a process, with all that it has started, takes of its machine. */
export interface ProcessFigures {
  /** Private memory in MiB: what it shares with others is not counted again for each. */
  readonly memory: number
  /** Open file handles: files, pipes and connections. */
  readonly handles: number
}

const KIBIBYTES_PER_MEBIBYTE = 1024

/** Looks at a process, as Linux tells of it; undefined where it is gone. */
export function processFigures(pid: number): ProcessFigures | undefined {
  try {
    const parts = [ownFigures(pid), ...childrenOf(pid).map((child) => processFigures(child))]
    const there = parts.filter((part) => part !== undefined)
    return {
      memory: there.reduce((sum, part) => sum + part.memory, 0),
      handles: there.reduce((sum, part) => sum + part.handles, 0),
    }
  } catch {
    return undefined
  }
}

/** Our own child whose program has this name; undefined where there is none. */
export function childNamed(program: string): number | undefined {
  return childrenOf(process.pid).find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === program
    } catch {
      return false
    }
  })
}

function ownFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kibibytes === undefined) throw new Error(`process ${pid} has ended`)
  return {
    memory: Number(kibibytes) / KIBIBYTES_PER_MEBIBYTE,
    handles: readdirSync(`/proc/${pid}/fd`).length,
  }
}

function childrenOf(pid: number): readonly number[] {
  // Each thread may have started some.
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
}
