import type { GuestError } from '../../execution-result.ts'
import type { FileBounds } from '../../file-bounds.ts'
import { OUT_OF_MEMORY, parseGuestError } from './guest-error.ts'
import { type CollectedFiles, collectFiles } from './guest-files.ts'
import type { GuestMachine } from './guest-machine.ts'
import { jsonDepth } from './json-depth.ts'
import { wasmEngine } from './wasm-engine.ts'
import type { WorkerOutcome } from './worker-protocol.ts'

/** Values nest this deep at most, so that whoever handles them next cannot be made to overflow its stack. */
const MAX_VALUE_DEPTH = 256

/** How a program ended, before it is known what it used. */
export type GuestEnd = Omit<WorkerOutcome, 'usage'>

/** Says how a program ended that has no job left to run. */
export function settledEnd(
  machine: GuestMachine,
  bounds: FileBounds & { readonly valueLimitBytes: number },
  hasRefused: boolean,
): GuestEnd {
  const state = machine.state()
  if (state !== 'rejected' && state !== 'fulfilled') {
    return hasRefused ? failed('out-of-memory', OUT_OF_MEMORY) : failed('failed', UNSETTLED)
  }
  const end =
    state === 'rejected'
      ? errorEnd(machine.error(), hasRefused)
      : valueEnd(machine, bounds.valueLimitBytes, hasRefused)
  if (end.status !== 'completed' && end.status !== 'failed') return end
  return withFiles(end, collectFiles(machine.outputs(), bounds))
}

function withFiles(end: GuestEnd, collected: CollectedFiles): GuestEnd {
  if ('files' in collected) return { ...end, files: collected.files }
  return end.status === 'completed' ? { ...failed(collected.status, collected.error) } : end
}

const UNSETTLED: GuestError = {
  name: 'UnsettledPromise',
  message: 'the program waits for a promise that nothing is left to settle',
  stack: '',
}

function valueEnd(machine: GuestMachine, limitBytes: number, hasRefused: boolean): GuestEnd {
  const { json, isTooLong, errorJson } = machine.value(limitBytes)
  if (errorJson !== undefined) return errorEnd(errorJson, hasRefused)
  if (isTooLong || (json !== undefined && Buffer.byteLength(json) > limitBytes)) {
    return failed('output-limit', {
      name: 'ValueTooLarge',
      message: `the value is larger than ${limitBytes} bytes of JSON`,
      stack: '',
    })
  }
  if (json === undefined) return { status: 'completed', isGuestIntact: true, isWorkerSpent: false }
  // What memory was too short to hand over arrives empty.
  if (json === '') return errorEnd(undefined, hasRefused)
  if (jsonDepth(json) > MAX_VALUE_DEPTH) {
    return failed('failed', {
      name: 'ValueTooDeep',
      message: `the value nests deeper than ${MAX_VALUE_DEPTH}`,
      stack: '',
    })
  }
  return { status: 'completed', valueJson: json, isGuestIntact: true, isWorkerSpent: false }
}

/** An error that could not even be told, or a thrown null, is how QuickJS fails once memory is all gone. */
export function errorEnd(errorJson: string | undefined, hasRefused: boolean): GuestEnd {
  const error = parseGuestError(errorJson)
  const isSilent = error === undefined || error.name === 'null'
  const isOutOfMemory = error?.name === OUT_OF_MEMORY.name && error.message === OUT_OF_MEMORY.message
  if (hasRefused && (isSilent || isOutOfMemory)) return failed('out-of-memory', error ?? OUT_OF_MEMORY)
  return failed('failed', error ?? { name: 'Error', message: 'the error could not be read', stack: '' })
}

/**
 * Says how a program ended when the interpreter itself fell over: only its own traps, the end of its stack and of its memory
 * count as the guest's doing.
 */
export function trapEnd(error: unknown, hasRefused: boolean): GuestEnd {
  const isTrap = error instanceof wasmEngine.RuntimeError || error instanceof RangeError
  if (!isTrap) throw error
  const fallen = { isGuestIntact: false, isWorkerSpent: true }
  if (hasRefused) return { ...failed('out-of-memory', OUT_OF_MEMORY), ...fallen }
  return { ...failed('failed', { name: 'SandboxTrap', message: error.message, stack: '' }), ...fallen }
}

/** The end of a program that failed; what was out of memory or wrote too much takes its interpreter along. */
export function failed(status: 'failed' | 'out-of-memory' | 'output-limit', error: GuestError): GuestEnd {
  return { status, error, isGuestIntact: status === 'failed', isWorkerSpent: false }
}
