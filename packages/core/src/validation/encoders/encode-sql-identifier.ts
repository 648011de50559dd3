import { EncodingError } from './encoding-error.ts'

/** PostgreSQL cuts longer names, so that two of them could become one. */
const MAX_NAME_BYTES = 63

/**
 * `name` as a quoted identifier of PostgreSQL: a table, column or schema of exactly this name, whatever it holds. It says
 * nothing about whether the name may be used: hold names that others chose against a list first.
 * @throws EncodingError `TEXT_NOT_ENCODABLE` on a name that is empty, longer than 63 bytes of UTF-8, or holds a NUL
 * character or a lone surrogate.
 */
export function encodeSqlIdentifier(name: string): string {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes > MAX_NAME_BYTES || name.includes('\0') || !name.isWellFormed()) {
    throw EncodingError.notEncodable(
      'an SQL identifier',
      `1 to ${MAX_NAME_BYTES} bytes of well-formed UTF-8 without NUL`,
    )
  }
  return `"${name.replaceAll('"', '""')}"`
}
