import { Worker } from 'node:worker_threads'

const HANG_MS = 60_000

/**
 * Runs the script at `url` in a worker that adds one to the first number of `counts` with each step. Ends the process
 * with exit code 1 when there is no step for a minute; `nameOfStep` then says what hangs. Sets that exit code too
 * when the worker fails. Resolves when the worker has ended.
 */
export function runWatched(
  url: URL,
  workerData: { readonly counts: Int32Array },
  nameOfStep: () => string,
): Promise<void> {
  const { counts } = workerData
  const worker = new Worker(url, { workerData })
  let seen = -1
  const timer = setInterval(() => {
    const steps = Atomics.load(counts, 0)
    if (steps === seen) {
      console.error(`hangs after ${steps} steps, in: ${nameOfStep()}`)
      process.exit(1)
    }
    seen = steps
  }, HANG_MS)
  worker.on('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  return new Promise((resolve) => {
    worker.on('exit', (code) => {
      clearInterval(timer)
      process.exitCode ??= code
      resolve()
    })
  })
}
