import { execFileSync } from 'node:child_process'

const MAX_OUTPUT_BYTES = 64 * 2 ** 20

/** Runs a program to its end, at most `timeoutMs` (default 300000, 5 minutes), and returns what it printed; else throws with that. */
export function runCommand(command: string, args: readonly string[], cwd = '.', timeoutMs = 300_000): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      maxBuffer: MAX_OUTPUT_BYTES,
    })
  } catch (error) {
    // What execFileSync throws carries the output.
    const output = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} in ${cwd}:\n${output.stdout ?? ''}${output.stderr ?? ''}`, {
      cause: error,
    })
  }
}
