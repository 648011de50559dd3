import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { GuestError, GuestOutcome } from '../../execution-result.ts'
import type { OutputListener } from '../../ports/sandbox-backend.ts'
import { SandboxError } from '../../sandbox-error.ts'
import { OUT_OF_MEMORY } from './guest-error.ts'
import { guestOutcome, type RunEnd } from './guest-outcome.ts'
import { SharedOutput } from './shared-output.ts'
import type { WasmModule } from './wasm-engine.ts'
import type { RunOrder, WorkerOrder, WorkerReport, WorkerStart, WorkerStop } from './worker-protocol.ts'

/** What becomes of a worker that was killed. */
const KILLED = Object.freeze({ isGuestIntact: false, isWorkerSpent: true })

/** How long the worker's own deadline may be late before the worker is killed, in milliseconds. */
const KILL_GRACE_MS = 100

/**
 * Room for the worker's own JavaScript. The guest's memory is WebAssembly's and bounded elsewhere, but it makes the
 * collector hurry: with a heap of 64 MB a trivial program was seen to take four times as long.
 */
const WORKER_LIMITS = Object.freeze({ maxOldGenerationSizeMb: 256, stackSizeMb: 16 })

/** What a {@link QuickJsThread} is started with. */
export interface ThreadOptions {
  readonly workerUrl: URL
  readonly wasmModule: WasmModule
  /** Longest time to become ready, and to begin with a program. */
  readonly startTimeoutMs: number
  readonly clock: Clock
}

/** What a thread is to run: an order without the memory for its output. */
export type ThreadRun = Omit<RunOrder, 'kind' | 'output' | 'isWatched'>

/** Who may stop a run, and who hears it. */
export interface RunListeners {
  readonly signal: AbortSignal
  readonly onOutput?: OutputListener | undefined
}

/** How a run ended. */
export interface ThreadOutcome {
  readonly outcome: GuestOutcome
  /** Whether the interpreter, if it was to be kept, is still there. */
  readonly isGuestIntact: boolean
}

/** Why the host kills a worker. */
interface StopReason {
  readonly status: WorkerStop | 'cancelled'
  readonly error?: GuestError
}

/** The run that a thread is at. */
interface CurrentRun {
  onReport(report: WorkerReport): void
  onExit(cause: Error | undefined): void
}

/** A worker thread, from the host's side. It runs one program at a time and can be killed at any moment. */
export class QuickJsThread {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #options: ThreadOptions
  #current: CurrentRun | undefined
  #crash: Error | undefined
  #isUsable = true

  private constructor(options: ThreadOptions) {
    const { port1, port2 } = new MessageChannel()
    const workerData: WorkerStart = { wasmModule: options.wasmModule, port: port2 }
    this.#options = options
    this.#port = port1
    this.#worker = new Worker(options.workerUrl, {
      workerData,
      transferList: [port2],
      // The worker depends on nothing of how the host was started: not its environment, loaders or flags.
      env: {},
      execArgv: [],
      // Kept off the host's own streams, and not read: a reader would keep the process alive.
      stdout: true,
      stderr: true,
      resourceLimits: WORKER_LIMITS,
    })
    this.#worker.on('error', (error) => {
      this.#crash = error instanceof Error ? error : new Error(String(error))
    })
    this.#worker.on('exit', () => {
      this.#isUsable = false
      this.#port.close()
      this.#current?.onExit(this.#crash)
    })
    this.#port.on('message', (report: WorkerReport) => this.#current?.onReport(report))
  }

  /**
   * Starts a thread and waits until it is ready.
   * @throws SandboxError `SANDBOX_INFRA` if it is not ready in time.
   */
  static async start(options: ThreadOptions): Promise<QuickJsThread> {
    const thread = new QuickJsThread(options)
    try {
      await thread.#becomeReady()
    } catch (cause) {
      await thread.terminate()
      throw cause
    }
    thread.#rest()
    return thread
  }

  /** Whether it can take another program. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Kills it, whatever it is doing, and resolves once it is gone. */
  async terminate(): Promise<void> {
    this.#isUsable = false
    await this.#worker.terminate()
  }

  /**
   * Runs a program, or a step in the interpreter that was kept.
   * @throws SandboxError `SANDBOX_INFRA` where the thread, not the guest, failed.
   */
  async run(run: ThreadRun, { signal, onOutput }: RunListeners): Promise<ThreadOutcome> {
    const { stdoutLimitBytes, stderrLimitBytes } = run.limits
    const output = SharedOutput.allocate(stdoutLimitBytes, stderrLimitBytes)
    const tellNew = (): void => {
      if (onOutput !== undefined) output.tellNew(onOutput)
    }
    this.#worker.ref()
    this.#port.ref()
    try {
      const order: RunOrder = {
        ...run,
        kind: 'run',
        output: output.buffer,
        isWatched: onOutput !== undefined,
      }
      const end = await this.#carryOut(order, signal, tellNew)
      if (end.isWorkerSpent) await this.terminate()
      else this.#rest()
      tellNew()
      return { outcome: guestOutcome(end, output), isGuestIntact: end.isGuestIntact && this.#isUsable }
    } catch (cause) {
      await this.terminate()
      throw cause
    }
  }

  /** Drops the interpreter that was kept. */
  dropGuest(): void {
    const order: WorkerOrder = { kind: 'drop' }
    if (this.#isUsable) this.#port.postMessage(order)
  }

  #carryOut(order: RunOrder, signal: AbortSignal, onWritten: () => void): Promise<RunEnd> {
    const { clock, startTimeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      let timer: ScheduledTimer | undefined
      const settle = (how: () => void): void => {
        timer?.cancel()
        signal.removeEventListener('abort', onAbort)
        this.#current = undefined
        how()
      }
      const run: CurrentRun = {
        onReport: (report) => {
          if (report.kind === 'started') {
            timer?.cancel()
            timer = clock.schedule(order.limits.timeoutMs + KILL_GRACE_MS, () =>
              stop({ status: 'timed-out' }),
            )
          } else if (report.kind === 'wrote') {
            onWritten()
          } else if (report.kind === 'stopping') {
            // A guest may swallow the interruption for ever.
            timer?.cancel()
            timer = clock.schedule(KILL_GRACE_MS, () => stop(report))
          } else if (report.kind === 'finished') {
            settle(() => resolve(report.outcome))
          } else if (report.kind === 'failed') {
            settle(() => reject(SandboxError.infra(`the worker failed: ${report.message}`)))
          }
        },
        onExit: (cause) => {
          if (isOutOfMemory(cause))
            settle(() => resolve({ status: 'out-of-memory', error: OUT_OF_MEMORY, ...KILLED }))
          else settle(() => reject(SandboxError.infra('the worker died while it ran', cause)))
        },
      }
      const stop = ({ status, error }: StopReason): void => {
        this.#readBacklog()
        const why = error === undefined ? { status } : { status, error }
        if (this.#current === run) settle(() => resolve({ ...why, ...KILLED }))
      }
      const onAbort = (): void => stop({ status: 'cancelled' })
      const onLateStart = (): void => {
        const before = timer
        this.#readBacklog()
        if (this.#current !== run || timer !== before) return
        settle(() => reject(SandboxError.infra(`the worker did not begin within ${startTimeoutMs} ms`)))
      }
      this.#current = run
      timer = clock.schedule(startTimeoutMs, onLateStart)
      signal.addEventListener('abort', onAbort, { once: true })
      if (this.#isUsable) this.#port.postMessage(order)
      else run.onExit(this.#crash)
      if (signal.aborted) onAbort()
    })
  }

  #becomeReady(): Promise<void> {
    const { clock, startTimeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        timer.cancel()
        this.#current = undefined
        how()
      }
      const fail = (message: string, cause?: Error): void =>
        settle(() => reject(SandboxError.infra(message, cause)))
      const start: CurrentRun = {
        onReport: (report) => {
          if (report.kind === 'failed') fail(`a worker did not start: ${report.message}`)
          else settle(resolve)
        },
        onExit: (cause) => fail('a worker died while it started', cause),
      }
      const timer = clock.schedule(startTimeoutMs, () => {
        this.#readBacklog()
        if (this.#current === start) fail(`a worker was not ready within ${startTimeoutMs} ms`)
      })
      this.#current = start
    })
  }

  /** Reads what the worker has said already: a timer may fire before messages that came in earlier. */
  #readBacklog(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port)
      if (received === undefined) return
      // Safe: the worker sends nothing but WorkerReports on this port.
      this.#current?.onReport(received.message as WorkerReport)
    }
  }

  /** Lets the process end although the thread waits for work. */
  #rest(): void {
    this.#worker.unref()
    this.#port.unref()
  }
}

function isOutOfMemory(cause: Error | undefined): boolean {
  return cause !== undefined && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
