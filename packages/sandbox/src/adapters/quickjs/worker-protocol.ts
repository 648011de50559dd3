import type { MessagePort } from 'node:worker_threads'
import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxFile } from '../../execution-request.ts'
import type { GuestError, GuestUsage } from '../../execution-result.ts'
import type { FileBounds } from '../../file-bounds.ts'
import type { GuestInputs } from './guest-inputs.ts'

/** What a worker is started with. */
export interface WorkerStart {
  /** The compiled interpreter, a `WebAssembly.Module`, shared by all workers. */
  readonly wasmModule: object
  readonly port: MessagePort
}

/** One program, or one step of a session. */
export interface RunOrder {
  readonly kind: 'run'
  /** Makes a new interpreter with these inputs; left out, the one that was kept goes on. */
  readonly inputs?: GuestInputs
  /** Whether the interpreter is kept for another step. */
  readonly isKept: boolean
  readonly isTypeScript: boolean
  readonly code: string
  /** Memory and stack are those of the order that made the interpreter. */
  readonly limits: ExecutionLimits
  readonly fileBounds: FileBounds
  /** Where the guest's output goes, laid out as `SharedOutput` says. */
  readonly output: SharedArrayBuffer
  /** Whether the host wants to hear of output as it is written. */
  readonly isWatched: boolean
}

/** What the host asks of a worker: to run something, or to drop the interpreter that it keeps. */
export type WorkerOrder = RunOrder | { readonly kind: 'drop' }

/** What stops a guest from inside the worker. */
export type WorkerStop = 'timed-out' | 'output-limit'

/** How a run ended inside the worker; the output is in shared memory. */
export interface WorkerOutcome {
  readonly status: 'completed' | 'failed' | 'out-of-memory' | WorkerStop
  /** JSON text of the program's value. */
  readonly valueJson?: string
  readonly error?: GuestError
  readonly files?: readonly SandboxFile[]
  readonly usage?: GuestUsage
  /** Whether the interpreter is whole, so that a session may go on. */
  readonly isGuestIntact: boolean
  /** Whether the interpreter, or a parser before it, fell over, so that the worker is not used again. */
  readonly isWorkerSpent: boolean
}

/**
 * What a worker tells the host: it is ready for work, the guest begins, it has written, it is being stopped, it has ended, or
 * the worker cannot go on.
 */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started' }
  | { readonly kind: 'wrote' }
  | { readonly kind: 'stopping'; readonly status: WorkerStop; readonly error?: GuestError }
  | { readonly kind: 'finished'; readonly outcome: WorkerOutcome }
  | { readonly kind: 'failed'; readonly message: string }
