import { createHash } from 'node:crypto'

/** SHA-256 of a solution's code, in hexadecimal: tests and reviews are bound to the very code they saw. */
export function solutionHash(code: string): string {
  return createHash('sha256').update(code, 'utf8').digest('hex')
}
