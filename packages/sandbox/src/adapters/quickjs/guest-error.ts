import type { GuestError } from '../../execution-result.ts'

/** Longest name of an error that a guest hands out, in UTF-16 units. */
export const MAX_ERROR_NAME_LENGTH = 128
/** Longest message, likewise. */
export const MAX_ERROR_MESSAGE_LENGTH = 4096
/** Longest stack, likewise. */
export const MAX_ERROR_STACK_LENGTH = 8192

/** The error of a guest that has used up its memory, as QuickJS words it. */
export const OUT_OF_MEMORY: GuestError = Object.freeze({
  name: 'InternalError',
  message: 'out of memory',
  stack: '',
})

/** A guest that was stopped because it wrote more than it may. */
export const OUTPUT_TOO_LARGE: GuestError = Object.freeze({
  name: 'OutputTooLarge',
  message: 'a stream was cut at its limit',
  stack: '',
})

/** A guest that was stopped at `cpuTimeMs`. */
export const PROCESSOR_SPENT: GuestError = Object.freeze({
  name: 'ProcessorTime',
  message: 'the program has taken its time of the processor',
  stack: '',
})

/** Reads an error that the guest's side wrote as JSON, trusting none of it; undefined where it says nothing. */
export function parseGuestError(json: string | undefined): GuestError | undefined {
  const raw = parseFields(json)
  if (raw === undefined) return undefined
  return {
    name: textOf(raw.name, MAX_ERROR_NAME_LENGTH),
    message: textOf(raw.message, MAX_ERROR_MESSAGE_LENGTH),
    stack: textOf(raw.stack, MAX_ERROR_STACK_LENGTH),
  }
}

function parseFields(json: string | undefined): Partial<Record<keyof GuestError, unknown>> | undefined {
  if (json === undefined || json === '') return undefined
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? value.slice(0, maxLength) : ''
}
