import crypto from 'node:crypto'
import { nativeArgon2 } from './native-argon2.ts'

/** The cost of a hash, as it stands in the hash. */
export type PasswordParameters =
  | {
      readonly algorithm: 'argon2id'
      readonly memoryKib: number
      readonly passes: number
      readonly lanes: number
    }
  | {
      readonly algorithm: 'scrypt'
      readonly logN: number
      readonly blockSize: number
      readonly lanes: number
    }

/** Argon2id with 19 MiB and two passes: the OWASP password storage cheat sheet's second choice of parameters. */
export const ARGON2ID_PARAMETERS: PasswordParameters = Object.freeze({
  algorithm: 'argon2id',
  memoryKib: 19_456,
  passes: 2,
  lanes: 1,
})

/** scrypt with N = 2^15, r = 8, p = 3, about 32 MiB: from the same sheet. */
export const SCRYPT_PARAMETERS: PasswordParameters = Object.freeze({
  algorithm: 'scrypt',
  logN: 15,
  blockSize: 8,
  lanes: 3,
})

/** Whether this Node can compute Argon2 (24.7 and later can). */
export function hasNodeArgon2(): boolean {
  return typeof crypto.argon2 === 'function'
}

/** Whether Argon2 can be computed here, by Node or by `@node-rs/argon2`. */
export function hasArgon2(): boolean {
  return hasNodeArgon2() || nativeArgon2() !== undefined
}

/** What new passwords are hashed with: Argon2id where it can be computed, else scrypt. */
export function currentParameters(isArgon2Here: boolean = hasArgon2()): PasswordParameters {
  return isArgon2Here ? ARGON2ID_PARAMETERS : SCRYPT_PARAMETERS
}
