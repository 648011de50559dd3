import type { MessagePort } from 'node:worker_threads'
import type { ExecutionLimits } from '../../execution-limits.ts'
import type { GuestError } from '../../execution-result.ts'

/** What a worker is started with. */
export interface WorkerStart {
  /** The compiled interpreter, a `WebAssembly.Module`, shared by all workers. */
  readonly wasmModule: object
  readonly port: MessagePort
}

/** The host's order to run one program. */
export interface RunOrder {
  readonly code: string
  readonly limits: ExecutionLimits
  /** Where the guest's output goes, laid out as `SharedOutput` says. */
  readonly output: SharedArrayBuffer
}

/** How a run ended inside the worker; the output is in shared memory. */
export interface WorkerOutcome {
  readonly status: 'completed' | 'failed' | 'timed-out' | 'out-of-memory' | 'output-limit'
  /** JSON text of the program's value. */
  readonly valueJson?: string
  readonly error?: GuestError
  /** Whether the interpreter itself fell over, so that the worker is not used again. */
  readonly isWorkerSpent: boolean
}

/** What a worker tells the host: it is ready for work, the guest begins, the guest has ended, or it cannot go on. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started' }
  | { readonly kind: 'finished'; readonly outcome: WorkerOutcome }
  | { readonly kind: 'failed'; readonly message: string }
