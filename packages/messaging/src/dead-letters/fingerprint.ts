import { createHash } from 'node:crypto'
import { normalizeFailure } from '@golden-arch/core/observability'

/** What is known of a failure when its kind is told. */
export interface FailureFacts {
  /** The message, with the ids and numbers of this one case. */
  readonly error: string
  /** Stable code of the failure, where it has one. */
  readonly errorCode?: string | undefined
  /** Subject or event type of the message that failed. */
  readonly subject: string
}

const LENGTH = 32

/** The subject with `*` for each part that holds a digit: `tasks.t-17.failed` becomes `tasks.*.failed`. */
export function normalizeSubject(subject: string): string {
  return subject
    .split('.')
    .map((part) => (/\p{N}/u.test(part) ? '*' : part))
    .join('.')
}

/**
 * A text of 32 hexadecimal characters, equal for failures of one kind: made of the code, the normalised message and
 * the normalised subject with SHA-256.
 */
export function fingerprintOf(failure: FailureFacts): string {
  const parts = [failure.errorCode ?? '', normalizeFailure(failure.error), normalizeSubject(failure.subject)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, LENGTH)
}
