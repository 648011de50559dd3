import { createHash } from 'node:crypto'
import { InvalidOptionError } from '@golden-arch/core/errors'

/** Longest prompt, in UTF-16 code units. */
const MAX_CONTENT_LENGTH = 1_000_000

/** SHA-256 of a text in UTF-8, lower-case hexadecimal. */
export function contentSha256(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex')
}

/** Returns `content` if it may be a prompt. @throws InvalidOptionError `INVALID_OPTION` otherwise, naming `option`. */
export function requireContent(content: unknown, option = 'content'): string {
  return requireWords(option, content, MAX_CONTENT_LENGTH)
}

/**
 * Returns a person's or a program's words, line breaks welcome, if PostgreSQL can keep them.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise; what is too long is not quoted.
 */
export function requireWords(option: string, words: unknown, maxLength = 4000): string {
  const isText = typeof words === 'string' && words.length >= 1 && words.length <= maxLength
  if (isText && words.isWellFormed() && !words.includes('\0')) return words
  const received = typeof words === 'string' ? `${words.length} characters` : words
  throw new InvalidOptionError(
    option,
    `well-formed text of 1 to ${maxLength} characters without NUL`,
    received,
  )
}
