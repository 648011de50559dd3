import { createHash } from 'node:crypto'

/**
 * The text of a migration as it is hashed and run: UTF-8 without a byte order mark, line ends as LF, so that a checkout
 * on any system is the same migration.
 * @throws TypeError on bytes that are not UTF-8.
 */
export function normalizeSql(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n')
}

/** SHA-256 of a normalised text, in 64 lower-case hexadecimal digits. */
export function checksumOf(normalizedSql: string): string {
  return createHash('sha256').update(normalizedSql, 'utf8').digest('hex')
}
