import { randomBytes } from 'node:crypto'

/** A name of its own for a schema, a key prefix or a stream: `prefix_` and 12 random characters out of a-z and 0-9. */
export function randomName(prefix: string): string {
  const number = BigInt(`0x${randomBytes(8).toString('hex')}`)
  return `${prefix}_${number.toString(36).padStart(13, '0').slice(-12)}`
}
