import { GoldenError, InvalidOptionError } from '@golden-arch/core/errors'
import { TimeError } from '@golden-arch/core/time'
import { MessagingError } from '../../messaging-error.ts'

/** `err_code` values of the server for which a caller can do something. */
const CODES = { streamNotFound: 10_059, messageNotFound: 10_037, consumerNotFound: 10_014 } as const
const TOO_LARGE = 10_054
const SUBJECTS_OVERLAP = 10_065
const NO_ROOM: ReadonlySet<number> = new Set([10_077, 10_047, 10_023, 10_122])

/** Whether the server says that it has no such stream, message or consumer. */
export function isNotFound(error: unknown, what: keyof typeof CODES): boolean {
  return codeOf(error) === CODES[what]
}

/** What was done, and to which stream, as an error says it. */
export interface FailureDetails {
  readonly stream?: string
  readonly [name: string]: unknown
}

/**
 * The client's error as one of ours; what is ours already stays. `option` is the one that gives the stream its subjects, for
 * where another stream takes some of them.
 */
export function translateFailure(error: unknown, details: FailureDetails, option = 'streams'): Error {
  if (error instanceof GoldenError) return error
  const name = error instanceof Error ? error.name : ''
  const text = error instanceof Error ? error.message : String(error)
  if (name === 'TimeoutError') {
    const message = 'the broker did not answer in time'
    return new TimeError({ code: 'DEADLINE_EXCEEDED', message, retryable: true, details, cause: error })
  }
  if (isNotFound(error, 'streamNotFound')) {
    return new MessagingError({
      code: 'STREAM_NOT_FOUND',
      message:
        details.stream === undefined ? 'there is no such stream' : `there is no stream ${details.stream}`,
      details,
      cause: error,
    })
  }
  const code = codeOf(error)
  if (code === SUBJECTS_OVERLAP) {
    const rule = `without subjects that another stream takes: ${details.stream} has some`
    return new InvalidOptionError(option, rule, text)
  }
  if (code === TOO_LARGE) {
    const message = 'the stream does not take a message of this size'
    return new MessagingError({ code: 'PAYLOAD_TOO_LARGE', message, details, cause: error })
  }
  if (code !== undefined && (NO_ROOM.has(code) || /maximum|insufficient/i.test(text))) {
    const message = 'the stream has reached its bound, or the server has no room left'
    return new MessagingError({ code: 'STREAM_FULL', message, retryable: true, details, cause: error })
  }
  return new MessagingError({
    code: 'BROKER_UNAVAILABLE',
    message: `the broker failed: ${text}`,
    retryable: true,
    details,
    cause: error,
  })
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}
