import type { ExecutionLimits } from '../../execution-limits.ts'
import type { GuestError } from '../../execution-result.ts'
import { OUT_OF_MEMORY, parseGuestError } from './guest-error.ts'
import { GuestMachine } from './guest-machine.ts'
import { jsonDepth } from './json-depth.ts'
import { createLimitedMemory } from './limited-memory.ts'
import type { SharedOutput } from './shared-output.ts'
import { type WasmModule, wasmEngine } from './wasm-engine.ts'
import type { WorkerOutcome } from './worker-protocol.ts'

/** Values nest this deep at most, so that whoever handles them next cannot be made to overflow its stack. */
const MAX_VALUE_DEPTH = 256

/** What one run needs. */
export interface GuestRun {
  readonly wasmModule: WasmModule
  readonly code: string
  readonly limits: ExecutionLimits
  readonly output: SharedOutput
  /** Called when all is ready, right before the guest's first instruction. */
  readonly onStart: () => void
}

/** Runs one program in a fresh interpreter and says how it ended. */
export async function runGuest(run: GuestRun): Promise<WorkerOutcome> {
  const { wasmModule, limits, output, onStart } = run
  const { memory, hasRefused } = createLimitedMemory(limits.memoryLimitBytes)
  const writers = [output.writer('stdout'), output.writer('stderr')] as const
  let deadlineMs = Number.POSITIVE_INFINITY
  let stopped: 'timed-out' | 'output-limit' | undefined
  const shouldStop = (): boolean => {
    if (stopped === undefined && performance.now() >= deadlineMs) stopped = 'timed-out'
    return stopped !== undefined
  }
  const print = (stream: number, line: string): void => {
    if (!writers[stream === 1 ? 1 : 0](line)) stopped ??= 'output-limit'
  }
  const machine = await GuestMachine.create({
    wasmModule,
    memory,
    stackLimitBytes: limits.stackLimitBytes,
    print,
    shouldStop,
  })
  onStart()
  deadlineMs = performance.now() + limits.timeoutMs
  const isStopped = (): 'timed-out' | 'output-limit' | undefined => stopped
  try {
    const outcome = conclude(machine, run, shouldStop, hasRefused)
    return stoppedOutcome(isStopped()) ?? outcome
  } catch (error) {
    return stoppedOutcome(isStopped()) ?? trapOutcome(error, hasRefused())
  }
}

function conclude(
  machine: GuestMachine,
  { code, limits }: GuestRun,
  shouldStop: () => boolean,
  hasRefused: () => boolean,
): WorkerOutcome {
  const syntaxErrorJson = machine.start(code)
  if (syntaxErrorJson !== undefined) return errorOutcome(syntaxErrorJson, hasRefused())
  while (!shouldStop() && machine.runJobs());
  const state = machine.state()
  if (state === 'rejected') return errorOutcome(machine.error(), hasRefused())
  if (state === 'fulfilled') return valueOutcome(machine, limits.valueLimitBytes, hasRefused())
  return hasRefused() ? failed('out-of-memory', OUT_OF_MEMORY) : failed('failed', UNSETTLED)
}

const UNSETTLED: GuestError = {
  name: 'UnsettledPromise',
  message: 'the program waits for a promise that nothing is left to settle',
  stack: '',
}

function valueOutcome(machine: GuestMachine, limitBytes: number, hasRefused: boolean): WorkerOutcome {
  const { json, isTooLong, errorJson } = machine.value(limitBytes)
  if (errorJson !== undefined) return errorOutcome(errorJson, hasRefused)
  if (isTooLong || (json !== undefined && Buffer.byteLength(json) > limitBytes)) {
    return failed('output-limit', {
      name: 'ValueTooLarge',
      message: `the value is larger than ${limitBytes} bytes of JSON`,
      stack: '',
    })
  }
  if (json === undefined) return { status: 'completed', isWorkerSpent: false }
  // What memory was too short to hand over arrives empty.
  if (json === '') return errorOutcome(undefined, hasRefused)
  if (jsonDepth(json) > MAX_VALUE_DEPTH) {
    return failed('failed', {
      name: 'ValueTooDeep',
      message: `the value nests deeper than ${MAX_VALUE_DEPTH}`,
      stack: '',
    })
  }
  return { status: 'completed', valueJson: json, isWorkerSpent: false }
}

/** An error that could not even be told, or a thrown null, is how QuickJS fails once memory is all gone. */
function errorOutcome(errorJson: string | undefined, hasRefused: boolean): WorkerOutcome {
  const error = parseGuestError(errorJson)
  const isSilent = error === undefined || error.name === 'null'
  const isOutOfMemory = error?.name === OUT_OF_MEMORY.name && error.message === OUT_OF_MEMORY.message
  if (hasRefused && (isSilent || isOutOfMemory)) return failed('out-of-memory', error ?? OUT_OF_MEMORY)
  return failed('failed', error ?? { name: 'Error', message: 'the error could not be read', stack: '' })
}

function stoppedOutcome(stopped: 'timed-out' | 'output-limit' | undefined): WorkerOutcome | undefined {
  if (stopped === undefined) return undefined
  if (stopped === 'timed-out') return { status: 'timed-out', isWorkerSpent: false }
  return failed('output-limit', {
    name: 'OutputTooLarge',
    message: 'a stream was cut at its limit',
    stack: '',
  })
}

/** The interpreter itself fell over; only its own traps and the end of its stack count as the guest's doing. */
function trapOutcome(error: unknown, hasRefused: boolean): WorkerOutcome {
  const isTrap = error instanceof wasmEngine.RuntimeError || error instanceof RangeError
  if (!isTrap) throw error
  if (hasRefused) return { ...failed('out-of-memory', OUT_OF_MEMORY), isWorkerSpent: true }
  return {
    ...failed('failed', { name: 'SandboxTrap', message: error.message, stack: '' }),
    isWorkerSpent: true,
  }
}

function failed(status: 'failed' | 'out-of-memory' | 'output-limit', error: GuestError): WorkerOutcome {
  return { status, error, isWorkerSpent: false }
}
