import { InvalidOptionError } from '../../errors/index.ts'

/**
 * Returns `text` if it can be sent whole: the protocol ends a statement at its first NUL character.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireStatement(text: unknown): string {
  if (typeof text !== 'string' || text.trim() === '' || text.includes('\0')) {
    throw new InvalidOptionError('text', 'a statement without NUL characters', text)
  }
  return text
}
