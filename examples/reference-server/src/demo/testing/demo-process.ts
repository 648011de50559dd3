import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** How a run of the demo as a process ended. */
export interface DemoExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** A run of the demo as a process of its own. */
export interface DemoProcess {
  readonly child: ChildProcess
  /** What it has said so far. */
  readonly output: () => string
  readonly exit: Promise<DemoExit>
}

const MAIN = join(import.meta.dirname, '..', 'main.ts')

/** Starts the demo on a data folder of its own. */
export function startDemo(folder: string, ...args: readonly string[]): DemoProcess {
  const { MODEL_BASE_URL: _, ...environment } = process.env
  const child = spawn(
    process.execPath,
    ['--conditions=golden-arch-source', MAIN, '--data-dir', folder, ...args],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const exit = new Promise<DemoExit>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, output }))
  })
  return { child, output: () => output, exit }
}
