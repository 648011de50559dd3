import baseVariant from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
import { checkedVariant } from './checked-variant.ts'
import type { GuestFileList } from './guest-files.ts'
import { GUEST_FILES_PRELUDE } from './guest-files-prelude.ts'
import { describeInputs, type GuestInputs, inputFunctions, readBytes, readText } from './guest-inputs.ts'
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
  readonly inputs: GuestInputs
  /** Takes a line of the guest's output: stream 0 is standard output, 1 standard error. */
  readonly print: (stream: number, line: string) => void
  /** Asked now and then while the guest runs; true interrupts it. */
  readonly shouldStop: () => boolean
}

/** How the content of a file that the guest left is told. */
const QUOTED_TEXT = 2
const UNCHANGED_INPUT = 3

/**
 * An interpreter for one program, or for the steps of one session: an instance of the WebAssembly module of its own, on a
 * memory of its own. It is dropped as a whole afterwards, so its handles are not disposed of one by one.
 */
export class GuestMachine {
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  readonly #inputs: GuestInputs
  readonly #console: QuickJSHandle
  readonly #files: QuickJSHandle

  private constructor(runtime: QuickJSRuntime, context: QuickJSContext, options: GuestMachineOptions) {
    const { inputs, print } = options
    this.#runtime = runtime
    this.#context = context
    this.#inputs = inputs
    const printHandle = context.newFunction('print', (stream, line, isQuoted) => {
      print(context.getNumber(stream), readText(context, line, isQuoted))
    })
    const setup = context.newString(describeInputs(inputs))
    this.#console = this.#install(GUEST_PRELUDE, printHandle)
    this.#files = this.#install(GUEST_FILES_PRELUDE, inputFunctions(context, inputs), setup)
  }

  /** Makes an instance, a runtime and a context, and sets up what the guest finds. */
  static async create(options: GuestMachineOptions): Promise<GuestMachine> {
    const { wasmModule, memory: wasmMemory, stackLimitBytes, shouldStop } = options
    const limited = checkedVariant(newVariant(variant, { wasmModule, wasmMemory }))
    const module = await newQuickJSWASMModuleFromVariant(limited)
    const runtime = module.newRuntime()
    runtime.setMaxStackSize(stackLimitBytes)
    const machine = new GuestMachine(runtime, runtime.newContext(), options)
    runtime.setInterruptHandler(shouldStop)
    return machine
  }

  /** Runs the program up to its first pause. Resolves nothing: returns the JSON text of a syntax error, if any. */
  start(code: string): string | undefined {
    const result = this.#context.evalCode(code, 'guest.js', EVAL_ASYNC_SCRIPT)
    if (result.error !== undefined) return this.#text(this.#console, 'error', result.error) ?? ''
    this.#call(this.#console, 'watch', result.value)
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
    return this.#text(this.#console, 'state')
  }

  /** JSON text of the value; undefined where there is none. */
  value(maxLength: number): {
    readonly json?: string
    readonly isTooLong?: true
    readonly errorJson?: string
  } {
    const result = this.#call(this.#console, 'value', this.#context.newNumber(maxLength))
    if (result.error !== undefined)
      return { errorJson: this.#text(this.#console, 'error', result.error) ?? '' }
    const type = this.#context.typeof(result.value)
    if (type === 'number') return { isTooLong: true }
    return type === 'string' ? { json: this.#context.getString(result.value) } : {}
  }

  /** JSON text of the error that the program ended with; undefined where even that could not be told. */
  error(): string | undefined {
    return this.#text(this.#console, 'error')
  }

  /** What lies below `out/`, by the guest's own word. */
  outputs(): GuestFileList {
    return {
      count: this.#number('countOutputs'),
      head: (index) => ({
        path: this.#text(this.#files, 'outputPath', this.#context.newNumber(index)) ?? '',
        leastBytes: this.#number('outputBytes'),
      }),
      content: () => this.#outputContent(),
    }
  }

  #outputContent(): Uint8Array | undefined {
    const kind = this.#number('outputKind')
    const result = this.#call(this.#files, 'outputContent')
    if (result.error !== undefined) return undefined
    if (kind === UNCHANGED_INPUT) return this.#inputs.files[this.#context.getNumber(result.value)]?.content
    if (kind === 0) return readBytes(this.#context, result.value)
    const isQuoted = this.#context.newNumber(kind === QUOTED_TEXT ? 1 : 0)
    return Buffer.from(readText(this.#context, result.value, isQuoted))
  }

  #install(prelude: string, ...args: QuickJSHandle[]): QuickJSHandle {
    const install = this.#context.unwrapResult(this.#context.evalCode(prelude, 'sandbox', 0))
    return this.#context.unwrapResult(this.#context.callFunction(install, this.#context.undefined, ...args))
  }

  #call(
    prelude: QuickJSHandle,
    name: string,
    ...args: QuickJSHandle[]
  ): ReturnType<QuickJSContext['callFunction']> {
    const callee = this.#context.getProp(prelude, name)
    return this.#context.callFunction(callee, this.#context.undefined, ...args)
  }

  #text(prelude: QuickJSHandle, name: string, ...args: QuickJSHandle[]): string | undefined {
    const result = this.#call(prelude, name, ...args)
    if (result.error !== undefined || this.#context.typeof(result.value) !== 'string') return undefined
    return this.#context.getString(result.value)
  }

  /** NaN where there is none. */
  #number(name: string): number {
    const result = this.#call(this.#files, name)
    return result.error === undefined ? this.#context.getNumber(result.value) : Number.NaN
  }
}
