import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { CrashSettings } from './audit-crash-process.ts'

/** A process that writes and links until it dies. */
export interface CrashProcess {
  readonly process: ChildProcess
  /** Numbers of the entries that were confirmed so far. */
  readonly confirmed: readonly number[]
  /** Resolves with the signal that ended it, once all it said was read. */
  readonly ended: Promise<string | null>
  /** Resolves once this many entries are confirmed, or the process has ended. */
  confirmedAtLeast(count: number): Promise<void>
}

/** Starts the process of `audit-crash-process.ts`; what it complains of goes to this process's own standard error. */
export function startCrashProcess(settings: CrashSettings): CrashProcess {
  const path = fileURLToPath(new URL('audit-crash-process.ts', import.meta.url))
  const args = ['--conditions=golden-arch-source', path, JSON.stringify(settings)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const confirmed: number[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => confirmed.push(Number(line)))
  const read = once(lines, 'close')
  const ended = once(child, 'close').then(async ([_code, signal]) => {
    await read
    return typeof signal === 'string' ? signal : null
  })
  return {
    process: child,
    confirmed,
    ended,
    confirmedAtLeast: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (confirmed.length >= count) resolve()
        }
        lines.on('line', check)
        lines.on('close', resolve)
        check()
      }),
  }
}
