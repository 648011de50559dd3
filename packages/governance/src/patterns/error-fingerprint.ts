import { digestOf } from './failure-kind.ts'

/** An error, as its kind is told by. */
export interface FailedError {
  /** The message, with the ids and numbers of this one case. */
  readonly error: string
  /** Stable code of the error, where it has one. */
  readonly errorCode?: string | undefined
}

const MAX_READ_LENGTH = 2000

/** Quoted texts are cut at a length, so that reading stays linear in a text full of single quotation marks. */
const QUOTED = /"(?:[^"\\]|\\.){0,300}"|`[^`]{0,300}`|(?<![\p{L}\p{N}])'[^']{0,300}'/gu
const ADDRESS = /^[^\p{L}]*[a-z][a-z0-9+.-]*:\/\//u
const NUMBER = /\p{N}/u

/**
 * The error's message without what differs from case to case: quoted texts, addresses and all words with a digit become
 * marks, letters small, white space one blank. At most the first 2000 characters count.
 */
export function normalizeError(error: string): string {
  return error
    .slice(0, MAX_READ_LENGTH)
    .normalize('NFKC')
    .toLowerCase()
    .replace(QUOTED, ' <text> ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (ADDRESS.test(word) ? '<url>' : NUMBER.test(word) ? '<id>' : word))
    .join(' ')
}

/**
 * A text of 32 hexadecimal digits, equal for errors of one kind: made of the code and the normalised message with
 * SHA-256. Nothing of the message can be read from it.
 */
export function errorFingerprint(failed: FailedError): string {
  return digestOf([failed.errorCode ?? '', normalizeError(failed.error)])
}
