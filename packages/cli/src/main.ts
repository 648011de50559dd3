#!/usr/bin/env node
import { runCli } from './run-cli.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second signal ends the process as if nobody listened.
  process.once(signal, () => stopping.abort(new Error(signal)))
}
// Who reads a part of the output and goes, as `head` does, has what they wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

const exitCode = await runCli({
  argv: process.argv.slice(2),
  environment: process.env,
  folder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
})
// Nothing that was stopped keeps the process alive; else it ends when all is written.
if (stopping.signal.aborted) process.exit(exitCode)
process.exitCode = exitCode
