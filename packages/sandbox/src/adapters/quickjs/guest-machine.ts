import baseVariant from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
import { GUEST_PRELUDE } from './guest-prelude.ts'
import type { WasmMemory, WasmModule } from './wasm-engine.ts'

/** QuickJS's JS_EVAL_FLAG_ASYNC: a script with top-level await, whose evaluation gives a promise of `{ value }`. */
const EVAL_ASYNC_SCRIPT = 1 << 7

/** Jobs of promises that run between two looks at the clock. */
const JOBS_PER_TURN = 256

// Safe: at run time the default import is the variant itself; only the package's declarations, written for
// CommonJS, show it one level deeper.
const variant = baseVariant as unknown as QuickJSSyncVariant

/** What a {@link GuestMachine} is made with. */
export interface GuestMachineOptions {
  readonly wasmModule: WasmModule
  readonly memory: WasmMemory
  readonly stackLimitBytes: number
  /** Takes a line of the guest's output: stream 0 is standard output, 1 standard error. */
  readonly print: (stream: number, line: string) => void
  /** Asked now and then while the guest runs; true interrupts it. */
  readonly shouldStop: () => boolean
}

/** The parts of the prelude that the host calls. */
type PreludeFunction = 'watch' | 'state' | 'value' | 'error'

/**
 * An interpreter for one program: an instance of the WebAssembly module of its own, on a memory of its own. It is
 * dropped as a whole afterwards, so its handles are not disposed of one by one.
 */
export class GuestMachine {
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  readonly #prelude: QuickJSHandle

  private constructor(runtime: QuickJSRuntime, context: QuickJSContext, prelude: QuickJSHandle) {
    this.#runtime = runtime
    this.#context = context
    this.#prelude = prelude
  }

  /** Makes an instance, a runtime and a context, and sets up the console. */
  static async create(options: GuestMachineOptions): Promise<GuestMachine> {
    const { wasmModule, memory: wasmMemory, stackLimitBytes, print, shouldStop } = options
    const limited = newVariant(variant, { wasmModule, wasmMemory })
    const module = await newQuickJSWASMModuleFromVariant(limited)
    const runtime = module.newRuntime()
    runtime.setMaxStackSize(stackLimitBytes)
    const context = runtime.newContext()
    const printHandle = context.newFunction('print', (stream, line) => {
      print(context.getNumber(stream), context.getString(line))
    })
    const install = context.unwrapResult(context.evalCode(GUEST_PRELUDE, 'sandbox', 0))
    const prelude = context.unwrapResult(context.callFunction(install, context.undefined, printHandle))
    runtime.setInterruptHandler(shouldStop)
    return new GuestMachine(runtime, context, prelude)
  }

  /** Runs the program up to its first pause. Resolves nothing: returns the JSON text of a syntax error, if any. */
  start(code: string): string | undefined {
    const result = this.#context.evalCode(code, 'guest.js', EVAL_ASYNC_SCRIPT)
    if (result.error !== undefined) return this.#call('error', result.error) ?? ''
    this.#call('watch', result.value)
    return undefined
  }

  /** Runs some of the jobs that wait; returns whether more may be waiting. */
  runJobs(): boolean {
    const result = this.#runtime.executePendingJobs(JOBS_PER_TURN)
    // A job that could not run to its end (it was interrupted, or memory ran out) does not stop the others.
    if (result.error !== undefined) return this.#runtime.hasPendingJob()
    return result.value === JOBS_PER_TURN || this.#runtime.hasPendingJob()
  }

  /** `pending`, `fulfilled` or `rejected`; anything else only where the guest broke its own console code. */
  state(): string | undefined {
    return this.#call('state')
  }

  /** JSON text of the value; undefined where there is none. */
  value(maxLength: number): {
    readonly json?: string
    readonly isTooLong?: true
    readonly errorJson?: string
  } {
    const result = this.#invoke('value', this.#context.newNumber(maxLength))
    if (result.error !== undefined) return { errorJson: this.#call('error', result.error) ?? '' }
    const type = this.#context.typeof(result.value)
    if (type === 'number') return { isTooLong: true }
    return type === 'string' ? { json: this.#context.getString(result.value) } : {}
  }

  /** JSON text of the error that the program ended with; undefined where even that could not be told. */
  error(): string | undefined {
    return this.#call('error')
  }

  #invoke(name: PreludeFunction, ...args: QuickJSHandle[]): ReturnType<QuickJSContext['callFunction']> {
    const callee = this.#context.getProp(this.#prelude, name)
    return this.#context.callFunction(callee, this.#context.undefined, ...args)
  }

  #call(name: PreludeFunction, ...args: QuickJSHandle[]): string | undefined {
    const result = this.#invoke(name, ...args)
    if (result.error !== undefined || this.#context.typeof(result.value) !== 'string') return undefined
    return this.#context.getString(result.value)
  }
}
