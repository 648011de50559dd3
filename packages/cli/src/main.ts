#!/usr/bin/env node
const LEAST_NODE = [22, 18] as const

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
  console.error(`golden-arch needs Node ${LEAST_NODE.join('.')} or newer; this is ${process.versions.node}`)
  process.exit(2)
}
// Not before: what an older Node cannot read would end it with an error of its own.
const { runCli } = await import('./run-cli.ts')

const stopping = new AbortController()
/** Of one that was told twice to stop: as of one that was killed, 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // By ourselves: the first process of a container is not ended by what it does not hear.
    if (stopping.signal.aborted) process.exit(EXIT_CODES[signal])
    stopping.abort(new Error(signal))
  })
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
