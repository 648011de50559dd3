/**
 * Entry of a worker thread: runs one program after another, each in an interpreter of its own, or the steps of a session in one
 * that it keeps. It imports nothing of other workspace packages, so that it runs from source without their export conditions.
 */
import { workerData } from 'node:worker_threads'
import { defaultLimits } from '../../execution-limits.ts'
import { QUICKJS_LIMITS } from './quickjs-limits.ts'
import { Guest } from './run-guest.ts'
import { SharedOutput } from './shared-output.ts'
import type { RunOrder, WorkerOrder, WorkerReport, WorkerStart } from './worker-protocol.ts'

// Safe: the backend is the only one to start this file, and starts it with a WorkerStart.
const { wasmModule, port } = workerData as WorkerStart
let kept: Guest | undefined

async function carryOut(order: RunOrder, report: (report: WorkerReport) => void): Promise<WorkerReport> {
  const { inputs, limits, isKept } = order
  try {
    const output = SharedOutput.attach(order.output, limits.stdoutLimitBytes)
    const guest = inputs === undefined ? kept : await Guest.open({ wasmModule, inputs, limits })
    kept = isKept ? guest : undefined
    if (guest === undefined) return { kind: 'failed', message: 'there is no interpreter to go on with' }
    const outcome = guest.run({ ...order, output, report })
    if (!outcome.isGuestIntact) kept = undefined
    return { kind: 'finished', outcome }
  } catch (error) {
    return { kind: 'failed', message: String(error) }
  }
}

/** One run before any guest's: it loads what is loaded lazily, and shows that the interpreter works here. */
async function warmUp(): Promise<WorkerReport> {
  const limits = defaultLimits(QUICKJS_LIMITS)
  const order: RunOrder = {
    kind: 'run',
    inputs: { files: [], stdin: new Uint8Array(), argv: [], env: {} },
    isKept: false,
    isTypeScript: false,
    code: 'console.log([{}])',
    limits,
    fileBounds: { filesLimitBytes: 0, maxFiles: 0 },
    output: SharedOutput.allocate(limits.stdoutLimitBytes, limits.stderrLimitBytes).buffer,
    isWatched: false,
  }
  const end = await carryOut(order, () => {})
  if (end.kind !== 'finished') return end
  return end.outcome.status === 'completed'
    ? { kind: 'ready' }
    : { kind: 'failed', message: 'the warm-up run failed' }
}

// Safe: the backend sends nothing but WorkerOrders on this port, one at a time.
port.on('message', async (order: WorkerOrder) => {
  if (order.kind === 'drop') kept = undefined
  else port.postMessage(await carryOut(order, (report) => port.postMessage(report)))
})
port.postMessage(await warmUp())
