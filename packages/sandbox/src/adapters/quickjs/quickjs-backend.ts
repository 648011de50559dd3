import type { ExecutionLimits } from '../../execution-limits.ts'
import type { SandboxLanguage } from '../../execution-request.ts'
import type { GuestPlace } from '../../execution-result.ts'
import type { IsolationLevel } from '../../isolation.ts'
import type {
  AcceptedInputs,
  SandboxBackend,
  SandboxBackendStats,
  SandboxLease,
  SessionLease,
  SessionOpening,
} from '../../ports/sandbox-backend.ts'
import { resolveLimits } from '../../resolve-limits.ts'
import { loadInterpreter } from './load-interpreter.ts'
import {
  type QuickJsBackendOptions,
  type ResolvedQuickJsBackendOptions,
  resolveQuickJsBackendOptions,
} from './quickjs-backend-options.ts'
import { QUICKJS_LIMITS } from './quickjs-limits.ts'
import { QuickJsSession } from './quickjs-session.ts'
import { QuickJsThread } from './quickjs-thread.ts'
import type { WasmModule } from './wasm-engine.ts'
import { WorkerPool } from './worker-pool.ts'

/**
 * Runs JavaScript, and TypeScript without its types, in QuickJS, compiled to WebAssembly, in worker threads of this process.
 *
 * Each program, and each session, gets an instance of the interpreter of its own on a memory of its own, both dropped
 * afterwards; the thread goes on to the next. It reaches no file, no network, no environment and no module of the host:
 * `console` is all there is, and the object `sandbox` with what came with the request. Programs are not deterministic: `Date.now()` is the host's clock and `Math.random()` starts anew each time.
 * There are no timers. Not guaranteed: protection from flaws in the WebAssembly engine and from side channels,
 * since the guest shares the host's process. For hostile code take a stronger isolation level.
 */
export class QuickJsBackend implements SandboxBackend {
  readonly id: string = 'quickjs'
  readonly isolation: IsolationLevel = 'wasm'
  readonly languages: readonly SandboxLanguage[] = Object.freeze(['javascript', 'typescript'] as const)
  readonly sessionLanguages: readonly SandboxLanguage[] = this.languages
  readonly acceptedInputs: AcceptedInputs
  readonly maxConcurrent: number
  readonly #options: ResolvedQuickJsBackendOptions
  readonly #pool: WorkerPool<QuickJsThread>
  #interpreter: Promise<WasmModule> | undefined

  /** @throws InvalidOptionError `INVALID_OPTION` */
  constructor(options: QuickJsBackendOptions = {}) {
    this.#options = resolveQuickJsBackendOptions(options)
    const { maxConcurrent, warm, maxRunsPerWorker, environmentNames, logger } = this.#options
    this.acceptedInputs = Object.freeze({ files: true, stdin: true, argv: true, environmentNames })
    this.maxConcurrent = maxConcurrent
    this.#pool = new WorkerPool({
      start: () => this.#startThread(),
      maxWorkers: maxConcurrent,
      warmWorkers: warm,
      maxRunsPerWorker,
      onStartFailure: (cause) =>
        logger.warn({ err: cause, backend: this.id }, 'a sandbox worker did not start'),
    })
  }

  /** How many workers wait, and how leases and sessions came by theirs. */
  get stats(): SandboxBackendStats {
    return this.#pool.stats
  }

  /** Worker threads that live at this moment. */
  get workerCount(): number {
    return this.#pool.size
  }

  /**
   * Fills in the defaults of {@link QUICKJS_LIMITS}.
   * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit out of its range.
   */
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return resolveLimits(requested, QUICKJS_LIMITS)
  }

  /**
   * Compiles the interpreter and starts the warm workers.
   * @throws SandboxError `SANDBOX_INFRA`, `SANDBOX_CLOSED`
   */
  prepare(): Promise<void> {
    return this.#pool.prepare()
  }

  /**
   * A worker thread for one program.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrent` are held; `SANDBOX_CLOSED`.
   */
  async acquire(): Promise<SandboxLease> {
    const { worker: thread, isWarm } = await this.#pool.acquire()
    return {
      run: async (program, signal, onOutput) => {
        const { language, code, limits, files = [], stdin = '', argv = [], env = {} } = program
        const inputs = { files, stdin: Buffer.from(stdin), argv, env }
        const isTypeScript = language === 'typescript'
        const run = { inputs, isKept: false, isTypeScript, code, limits, fileBounds: this.#options.rules }
        const { outcome } = await thread.run(run, { signal, onOutput })
        return { ...outcome, place: this.#place(isWarm) }
      },
      release: () => this.#pool.release(thread),
    }
  }

  /**
   * A worker thread with an interpreter that lives from step to step.
   * @throws SandboxError `SANDBOX_INFRA`, also when `maxConcurrent` are held; `SANDBOX_CLOSED`.
   */
  async openSession(opening: SessionOpening): Promise<SessionLease> {
    const { worker: thread, isWarm } = await this.#pool.acquire()
    return new QuickJsSession({
      thread,
      opening,
      fileBounds: this.#options.rules,
      place: this.#place(isWarm),
      onRelease: () => this.#pool.release(thread),
    })
  }

  /** Kills every worker thread. What still runs fails with `SANDBOX_INFRA`. */
  close(): Promise<void> {
    return this.#pool.close()
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #place(isWarmStart: boolean): GuestPlace {
    return { runtime: 'quickjs', isWarmStart, rules: { ...this.#options.rules } }
  }

  async #startThread(): Promise<QuickJsThread> {
    const { workerUrl, startTimeoutMs, clock } = this.#options
    this.#interpreter ??= loadInterpreter()
    try {
      const wasmModule = await this.#interpreter
      return await QuickJsThread.start({ workerUrl, wasmModule, startTimeoutMs, clock })
    } catch (cause) {
      this.#interpreter = undefined
      throw cause
    }
  }
}
