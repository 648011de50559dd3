import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** How a server as a process ended. */
export interface ServerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The reference server as a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess
  /** All that it has said so far. */
  readonly output: () => string
  /** The first group of the first match in what it says; rejects with its output where it ends before. */
  readonly said: (pattern: RegExp) => Promise<string>
  readonly exit: Promise<ServerExit>
}

/** What a process is told of its surroundings, and nothing else. */
export type ServerEnvironment = Readonly<Record<string, string>>

const MAIN = join(import.meta.dirname, '..', 'main.ts')

/** Starts the server; any port that is free is its own unless the environment says otherwise. */
export function startServerProcess(
  environment: ServerEnvironment,
  ...args: readonly string[]
): ServerProcess {
  const child = spawn(process.execPath, ['--conditions=golden-arch-source', MAIN, ...args], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', METRICS_PORT: '0', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  const hear = (chunk: Buffer): void => {
    output += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exit = new Promise<ServerExit>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const said = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output)
        if (match === null) return
        listeners.delete(look)
        resolve(match[1] ?? match[0])
      }
      listeners.add(look)
      exit.then(
        () => reject(new Error(`the server ended before it said ${pattern}:\n${output}`)),
        (error: unknown) => reject(error),
      )
      look()
    })
  return { child, output: () => output, said, exit }
}
