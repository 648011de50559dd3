import { InvalidOptionError } from '@golden-arch/core/errors'

/**
 * Returns `text` if PostgreSQL keeps it as it is, neither NUL nor half a surrogate pair in it; line breaks are welcome.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireStorableText(option: string, text: unknown, maxLength: number): string {
  const isText = typeof text === 'string' && text.length >= 1 && text.length <= maxLength
  if (isText && text.isWellFormed() && !text.includes('\0')) return text
  throw new InvalidOptionError(option, `well-formed text of 1 to ${maxLength} characters without NUL`, text)
}
