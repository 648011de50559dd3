import { toJsonValue } from './json-value.ts'

/** An error as JSON values: what {@link GoldenError.toJSON} gives. */
export interface SerializedError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>
  readonly cause?: SerializedError | SerializedCause
}

/** What is kept of a cause that is not one of our errors. */
export interface SerializedCause {
  readonly name: string
  readonly message: string
  /** The code of a system or driver error, such as `ECONNREFUSED`. */
  readonly code?: string
  readonly cause?: SerializedError | SerializedCause
}

/** Causes nest this deep at most in a serialised error, so that a cycle of causes ends. */
const MAX_CAUSE_DEPTH = 8

/** Turns an error of any kind, with its causes, into JSON values; what is not an error becomes its string form. */
export function serializeError(error: unknown, depth = 0): SerializedError | SerializedCause {
  if (depth >= MAX_CAUSE_DEPTH) return { name: 'Error', message: 'further causes left out' }
  if (!(error instanceof Error)) return { name: typeof error, message: textOf(error) }
  const { name, message } = error
  const cause = error.cause === undefined ? {} : { cause: serializeError(error.cause, depth + 1) }
  if (isSerializable(error)) return { name, message, ...ownFieldsOf(error), ...cause }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { name, message, ...code, ...cause }
}

/** The fields of one of our errors beside its name, message and cause. */
interface OwnFields {
  readonly code: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>
}

function ownFieldsOf(error: OwnFields): OwnFields {
  const { code, retryable } = error
  const details: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(error.details)) details[key] = toJsonValue(value)
  return { code, retryable, details }
}

function isSerializable(error: Error): error is Error & OwnFields {
  if (!('code' in error && 'retryable' in error && 'details' in error)) return false
  const { code, retryable, details } = error
  return (
    typeof code === 'string' &&
    typeof retryable === 'boolean' &&
    typeof details === 'object' &&
    details !== null
  )
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(toJsonValue(value)) : String(value)
}
