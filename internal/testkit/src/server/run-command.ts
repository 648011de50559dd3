import { spawn } from 'node:child_process'
import type { ServerUser } from './unprivileged-user.ts'

const MAX_OUTPUT_CHARACTERS = 4_000_000

/** How to run a command. */
export interface CommandOptions {
  /** After this time it is killed, with all it started. */
  readonly timeLimitMs: number
  readonly cwd?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  readonly user?: ServerUser | undefined
  /** Called with the process id as soon as there is one. */
  readonly onStart?: (pid: number) => void
}

/** Runs a program without a shell and returns what it wrote to stdout; throws with the end of its output when it fails. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd ?? '/',
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(options.user ?? {}),
    })
    const title = `${file.replace(/.*\//, '')} ${args[0] ?? ''}`.trim()
    let stdout = ''
    let stderr = ''
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child.pid)
    }, options.timeLimitMs)
    if (child.pid !== undefined) options.onStart?.(child.pid)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MAX_OUTPUT_CHARACTERS) stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2_000)
    })
    child.once('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(cause.code === 'ENOENT' ? new Error(`${file} is not there`) : cause)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) return resolve(stdout)
      if (timedOut) return reject(new Error(`${title} gave no answer within ${options.timeLimitMs} ms`))
      const said = (stderr.trim() || stdout.trim()).slice(-400)
      reject(
        new Error(`${title} ended with ${signal ?? `exit code ${code}`}${said === '' ? '' : `: ${said}`}`),
      )
    })
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself between the timer and the signal.
  }
}
