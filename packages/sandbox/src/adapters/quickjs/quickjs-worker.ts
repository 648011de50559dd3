/**
 * Entry of a worker thread: runs one program after another, each in an interpreter of its own. It imports nothing of
 * other workspace packages, so that it runs from source without their export conditions.
 */
import { workerData } from 'node:worker_threads'
import { defaultLimits } from '../../execution-limits.ts'
import { QUICKJS_LIMITS } from './quickjs-limits.ts'
import { runGuest } from './run-guest.ts'
import { SharedOutput } from './shared-output.ts'
import type { RunOrder, WorkerReport, WorkerStart } from './worker-protocol.ts'

// Safe: the backend is the only one to start this file, and starts it with a WorkerStart.
const { wasmModule, port } = workerData as WorkerStart

function report(message: WorkerReport): void {
  port.postMessage(message)
}

async function runOrder({ code, limits, output }: RunOrder, onStart: () => void): Promise<WorkerReport> {
  try {
    const attached = SharedOutput.attach(output, limits.stdoutLimitBytes)
    const outcome = await runGuest({ wasmModule, code, limits, output: attached, onStart })
    return { kind: 'finished', outcome }
  } catch (error) {
    return { kind: 'failed', message: String(error) }
  }
}

/** One run before any guest's: it loads what is loaded lazily, and shows that the interpreter works here. */
async function warmUp(): Promise<WorkerReport> {
  const limits = defaultLimits(QUICKJS_LIMITS)
  const { buffer } = SharedOutput.allocate(limits.stdoutLimitBytes, limits.stderrLimitBytes)
  const end = await runOrder({ code: 'console.log([{}])', limits, output: buffer }, () => {})
  if (end.kind !== 'finished') return end
  return end.outcome.status === 'completed'
    ? { kind: 'ready' }
    : { kind: 'failed', message: 'the warm-up run failed' }
}

// Safe: the backend sends nothing but RunOrders on this port, one at a time.
port.on('message', async (order: RunOrder) =>
  report(await runOrder(order, () => report({ kind: 'started' }))),
)
report(await warmUp())
