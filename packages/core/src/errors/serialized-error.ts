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
}

/** Causes nest this deep at most in a serialised error, so that a cycle of causes ends. */
const MAX_CAUSE_DEPTH = 8

interface WithToJson {
  toJSON(): SerializedError
}

/** Turns a cause into JSON values; what is not an error becomes its string form. */
export function serializeCause(cause: unknown, depth = 0): SerializedError | SerializedCause {
  if (depth >= MAX_CAUSE_DEPTH) return { name: 'Error', message: 'further causes left out' }
  if (cause instanceof Error) {
    if (isSerializable(cause)) {
      return {
        name: cause.name,
        code: cause.code,
        message: cause.message,
        retryable: cause.retryable,
        details: cause.details,
        ...(cause.cause === undefined ? {} : { cause: serializeCause(cause.cause, depth + 1) }),
      }
    }
    return { name: cause.name, message: cause.message }
  }
  return { name: typeof cause, message: String(cause) }
}

function isSerializable(error: Error): error is Error & SerializedError & WithToJson {
  return 'code' in error && 'retryable' in error && 'details' in error && 'toJSON' in error
}
