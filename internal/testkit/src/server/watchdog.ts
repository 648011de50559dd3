import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A shell script that waits for the end of this process, or for `release`, and then cleans up. */
export interface Watchdog {
  /** Lets it clean up now, and waits until it has. Calling it again does nothing more. */
  release(): Promise<void>
}

/**
 * Starts `cleanUp` as a shell script behind a pipe that only this process holds open: however this process ends, even by
 * SIGKILL, the pipe closes and the script goes on. It is a process group of its own, so Ctrl-C does not reach it.
 */
export function startWatchdog(cleanUp: string, args: readonly string[]): Watchdog {
  const child = spawn('/bin/sh', ['-c', `cat >/dev/null\n${cleanUp}`, 'watchdog', ...args], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = once(child, 'close').then(
    () => undefined,
    () => undefined,
  )
  child.unref()
  // A pipe of a child process is a socket at run time; the declared Writable lacks unref, hence the look.
  const pipe: object = child.stdin
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
  return {
    async release() {
      child.ref()
      child.stdin.end()
      await ended
    },
  }
}
