import { normalizeFailure } from '@golden-arch/core/observability'
import { digestOf } from './failure-kind.ts'

/** An error, as its kind is told by. */
export interface FailedError {
  /** The message, with the ids and numbers of this one case. */
  readonly error: string
  /** Stable code of the error, where it has one. */
  readonly errorCode?: string | undefined
}

const MAX_READ_LENGTH = 2000

/**
 * The error's message without what differs from case to case, as `normalizeFailure` of `@golden-arch/core/observability`
 * tells it, in one form of each character (NFKC). At most the first 2000 characters count.
 */
export function normalizeError(error: string): string {
  return normalizeFailure(error.slice(0, MAX_READ_LENGTH).normalize('NFKC'))
}

/**
 * A text of 32 hexadecimal digits, equal for errors of one kind: made of the code and the normalised message with
 * SHA-256. Nothing of the message can be read from it.
 */
export function errorFingerprint(failed: FailedError): string {
  return digestOf([failed.errorCode ?? '', normalizeError(failed.error)])
}
