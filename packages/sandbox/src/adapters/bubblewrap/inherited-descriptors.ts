import { readdirSync, readFileSync } from 'node:fs'

/** `O_CLOEXEC` in the octal flags that the kernel tells. */
const CLOSE_ON_EXEC = 0o2000000
const LAST_STANDARD_FD = 2

/**
 * Descriptors of this process that every program it starts gets, beyond the standard ones: left open by whoever started
 * this process, as Node's own are closed. Empty where there is no Linux.
 */
export function inheritedDescriptors(): readonly number[] {
  return list('/proc/self/fd').filter((fd) => fd > LAST_STANDARD_FD && isInherited(fd))
}

function list(folder: string): readonly number[] {
  try {
    return readdirSync(folder).map(Number)
  } catch {
    return []
  }
}

function isInherited(fd: number): boolean {
  let text: string
  try {
    text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
  } catch {
    // Closed meanwhile: it was the one that the list was read by.
    return false
  }
  const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? '0', 8)
  return (flags & CLOSE_ON_EXEC) === 0
}
