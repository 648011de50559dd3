import type { ExecutionLimits } from '../../execution-limits.ts'
import type { FileBounds } from '../../file-bounds.ts'
import { GuestDeadline } from './guest-deadline.ts'
import { errorEnd, failed, type GuestEnd, settledEnd, trapEnd } from './guest-end.ts'
import { OUT_OF_MEMORY, OUTPUT_TOO_LARGE, PROCESSOR_SPENT } from './guest-error.ts'
import type { GuestInputs } from './guest-inputs.ts'
import { GuestMachine } from './guest-machine.ts'
import { createLimitedMemory, type LimitedMemory } from './limited-memory.ts'
import type { SharedOutput } from './shared-output.ts'
import { loadTypeStripper, stripTypes } from './strip-types.ts'
import { TELLS_PROCESSOR_TIME, threadClocks } from './thread-clocks.ts'
import type { WasmModule } from './wasm-engine.ts'
import type { WorkerOutcome, WorkerReport } from './worker-protocol.ts'

/** What one program, or one step of a session, needs. */
export interface GuestStep {
  readonly code: string
  readonly isTypeScript: boolean
  readonly limits: ExecutionLimits
  readonly fileBounds: FileBounds
  readonly output: SharedOutput
  /** Whether the host hears of output as it is written. */
  readonly isWatched: boolean
  readonly report: (report: WorkerReport) => void
}

/** What a {@link Guest} is made with. */
export interface GuestOpening {
  readonly wasmModule: WasmModule
  readonly inputs: GuestInputs
  readonly limits: Pick<ExecutionLimits, 'memoryLimitBytes' | 'stackLimitBytes'>
}

/** An interpreter for one program or one session, and what stops it. */
export class Guest {
  readonly #memory: LimitedMemory
  #machine: GuestMachine | undefined
  #print: (stream: number, line: string) => void = () => {}
  #shouldStop: () => boolean = () => false

  private constructor(memory: LimitedMemory) {
    this.#memory = memory
  }

  /** Makes the interpreter, in which nothing has run yet. One whose memory is too short even for that runs nothing. */
  static async open({ wasmModule, inputs, limits }: GuestOpening): Promise<Guest> {
    const guest = new Guest(createLimitedMemory(limits.memoryLimitBytes))
    try {
      guest.#machine = await GuestMachine.create({
        wasmModule,
        memory: guest.#memory.memory,
        stackLimitBytes: limits.stackLimitBytes,
        inputs,
        print: (stream, line) => guest.#print(stream, line),
        shouldStop: () => guest.#shouldStop(),
      })
    } catch (error) {
      if (!guest.#memory.hasRefused()) throw error
    }
    return guest
  }

  /** Runs a program and says how it ended. */
  run(step: GuestStep): WorkerOutcome {
    const { limits, output, report } = step
    if (step.isTypeScript) loadTypeStripper()
    const notify = step.isWatched ? () => report({ kind: 'wrote' }) : undefined
    const writers = [output.writer('stdout', notify), output.writer('stderr', notify)] as const
    let stopped: GuestEnd | undefined
    const stop = (end: GuestEnd & { readonly status: 'timed-out' | 'output-limit' }): void => {
      stopped = end
      report({
        kind: 'stopping',
        status: end.status,
        ...(end.error === undefined ? {} : { error: end.error }),
      })
    }
    report({ kind: 'started' })
    const deadline = new GuestDeadline(limits, threadClocks)
    this.#shouldStop = () => {
      if (stopped !== undefined) return true
      const spent = deadline.spent()
      if (spent !== undefined) stop(spent === 'wall' ? TIMED_OUT : PROCESSOR_TIMED_OUT)
      return spent !== undefined
    }
    this.#print = (stream, line) => {
      if (!writers[stream === 1 ? 1 : 0](line) && stopped === undefined) stop(TOO_MUCH_OUTPUT)
    }
    const end = this.#conclude(step)
    const usage = {
      ...(TELLS_PROCESSOR_TIME ? { cpuMs: deadline.processorMs } : {}),
      maxMemoryBytes: this.#memory.memory.buffer.byteLength,
      isMeasuredByHost: true,
    }
    return { ...(stoppedEnd(stopped) ?? end), usage, isWorkerSpent: end.isWorkerSpent }
  }

  #conclude(step: GuestStep): GuestEnd {
    const machine = this.#machine
    const { hasRefused } = this.#memory
    if (machine === undefined) return failed('out-of-memory', OUT_OF_MEMORY)
    try {
      const source = step.isTypeScript ? stripTypes(step.code) : { code: step.code, isParserSpent: false }
      if (source.error !== undefined) {
        return { ...failed('failed', source.error), isWorkerSpent: source.isParserSpent }
      }
      const end = this.#evaluate(machine, source.code ?? '', step)
      return { ...end, isWorkerSpent: end.isWorkerSpent || source.isParserSpent }
    } catch (error) {
      return trapEnd(error, hasRefused())
    }
  }

  #evaluate(machine: GuestMachine, code: string, { limits, fileBounds }: GuestStep): GuestEnd {
    const { hasRefused } = this.#memory
    const syntaxErrorJson = machine.start(code)
    if (syntaxErrorJson !== undefined) return errorEnd(syntaxErrorJson, hasRefused())
    while (!this.#shouldStop() && machine.runJobs());
    return settledEnd(machine, { ...fileBounds, valueLimitBytes: limits.valueLimitBytes }, hasRefused())
  }
}

const STOPPED = Object.freeze({ isGuestIntact: false, isWorkerSpent: false })
const TIMED_OUT = Object.freeze({ ...STOPPED, status: 'timed-out' } as const)
const PROCESSOR_TIMED_OUT = Object.freeze({ ...TIMED_OUT, error: PROCESSOR_SPENT })
const TOO_MUCH_OUTPUT = Object.freeze({
  ...STOPPED,
  status: 'output-limit',
  error: OUTPUT_TOO_LARGE,
} as const)

/** Keeps the compiler from taking a variable that only closures set for one that is never set. */
function stoppedEnd(stopped: GuestEnd | undefined): GuestEnd | undefined {
  return stopped
}
