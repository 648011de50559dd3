import crypto from 'node:crypto'
import { SecurityError } from '../security-error.ts'
import { hasArgon2, type PasswordParameters } from './password-parameters.ts'

/**
 * Computes the tag of a password on libuv's thread pool.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where it takes Argon2 and this Node has none.
 */
export function deriveTag(
  password: Buffer,
  salt: Buffer,
  tagBytes: number,
  parameters: PasswordParameters,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, tag: Buffer): void => (error === null ? resolve(tag) : reject(error))
    if (parameters.algorithm === 'scrypt') {
      const { logN, blockSize, lanes } = parameters
      const N = 2 ** logN
      // Node refuses scrypt above 32 MiB unless told otherwise; the bound of a stored hash is 64 MiB.
      const maxmem = 128 * N * blockSize + 128 * blockSize * lanes + 2 ** 20
      crypto.scrypt(password, salt, tagBytes, { N, r: blockSize, p: lanes, maxmem }, done)
      return
    }
    if (!hasArgon2()) {
      const message = 'the stored password hash needs Argon2, which this Node does not have'
      reject(new SecurityError({ code: 'PASSWORD_HASH_INVALID', message }))
      return
    }
    const { memoryKib: memory, passes, lanes: parallelism } = parameters
    crypto.argon2(
      'argon2id',
      { message: password, nonce: salt, parallelism, tagLength: tagBytes, memory, passes },
      done,
    )
  })
}
