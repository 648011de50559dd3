import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server in a process of its own. */
export interface StartedServer {
  readonly address: string
  readonly pid: number
  /** Milliseconds from the start of the process until it said that it is ready. */
  readonly readyMs: number
  /** Memory that it holds, in bytes; undefined where there is no /proc. */
  residentBytes(): number | undefined
  /** Lets it stand still, so that it takes nothing from another that is measured, until it goes on. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** What a server is started with. */
export interface StartOptions {
  /** Path of its program, from the root of the repository. */
  readonly program: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '..', '..')
const READY_POLL_MS = 5
const ADDRESS = /listens on (http:\S+)/

/** Starts a server and waits until it is ready. What it says on standard error is shown. */
export async function startServer(options: StartOptions): Promise<StartedServer> {
  const started = performance.now()
  const child = spawn(
    process.execPath,
    ['--conditions=golden-arch-source', options.program, ...options.arguments],
    {
      cwd: ROOT,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const address = await addressOf(child)
  while (!(await isReady(address))) await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
  const readyMs = performance.now() - started
  const { pid } = child
  if (pid === undefined) throw new Error('the server has no process')
  return {
    address,
    pid,
    readyMs,
    residentBytes: () => residentBytesOf(pid),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the server has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = ADDRESS.exec(line) ?? []
    if (address === undefined) continue
    child.stdout.resume()
    return address
  }
  throw new Error('the server ended before it listened')
}

async function isReady(address: string): Promise<boolean> {
  const answer = await fetch(`${address}/health/ready`).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status === 200
}

function residentBytesOf(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
