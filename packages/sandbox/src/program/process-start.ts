import { readFileSync } from 'node:fs'

/** When a process started, as Linux counts it; undefined where there is no such process, or no Linux. */
export function processStart(pid: number): string | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name in parentheses may hold spaces; the fields after it are numbered from 3 in proc(5), and 22 is the start.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}
