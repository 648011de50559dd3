import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { OutcomeSettings } from './outcome-process.ts'

/** A process that records failed tasks. */
export interface OutcomeProcess {
  /** Resolves once it waits, or has ended. */
  readonly ready: Promise<void>
  /** Lets it record. */
  go(): void
  /** Resolves with the signal that ended it and what it said after `ready`. */
  readonly ended: Promise<{ readonly signal: string | null; readonly said: readonly string[] }>
}

/** Starts the process of `outcome-process.ts`; what it complains of goes to this process's own standard error. */
export function startOutcomeProcess(settings: OutcomeSettings): OutcomeProcess {
  const path = fileURLToPath(new URL('outcome-process.ts', import.meta.url))
  const args = ['--conditions=golden-arch-source', path, JSON.stringify(settings)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  // A process that died does not read; its end tells more than the failed write.
  child.stdin.on('error', () => {})
  const said: string[] = []
  const lines = createInterface({ input: child.stdout })
  const read = once(lines, 'close')
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line === 'ready') resolve()
      else said.push(line)
    })
    lines.on('close', resolve)
  })
  const ended = once(child, 'close').then(async ([_code, signal]) => {
    await read
    return { signal: typeof signal === 'string' ? signal : null, said }
  })
  return { ready, ended, go: () => void child.stdin.end('go\n') }
}
