import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process of a test, and the lines that it printed so far. */
export interface StartedChild {
  readonly process: ChildProcess
  readonly lines: readonly string[]
  /** Resolves once it has printed `count` lines; rejects if it ends before. */
  printed(count: number): Promise<void>
  /** Ends it at once, as `kill -9` does, and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts a file of this folder in Node. */
export function startChild(file: string, ...args: string[]): StartedChild {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const lines: string[] = []
  let complaints = ''
  child.stderr.on('data', (data) => {
    complaints += String(data)
  })
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const exited = once(child, 'exit')
  return {
    process: child,
    lines,
    printed: (count) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (lines.length >= count) resolve()
        }
        reader.on('line', check)
        void exited.then(() => reject(new Error(`${file} ended after ${lines.length} lines: ${complaints}`)))
        check()
      }),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
