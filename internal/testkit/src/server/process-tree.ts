import { readFileSync } from 'node:fs'

/**
 * Kills a process and, where the kernel lists them (Linux), all its descendants: PostgreSQL's own processes would else
 * linger until each notices that its parent is gone.
 */
export function killTree(pid: number): void {
  const pids = [pid, ...descendantsOf(pid)]
  for (const each of pids) {
    try {
      process.kill(each, 'SIGKILL')
    } catch {
      // Already gone: that is what was wanted.
    }
  }
}

function descendantsOf(pid: number): readonly number[] {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  } catch {
    return []
  }
  const children = text.split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}
