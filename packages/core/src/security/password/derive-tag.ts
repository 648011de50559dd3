import crypto from 'node:crypto'
import { SecurityError } from '../security-error.ts'
import { nativeArgon2 } from './native-argon2.ts'
import { hasNodeArgon2, type PasswordParameters } from './password-parameters.ts'

/** Computes the tag of a password off the main thread. */
export type DeriveTag = (
  password: Buffer,
  salt: Buffer,
  tagBytes: number,
  parameters: PasswordParameters,
) => Promise<Buffer>

/** The number of Argon2id in `@node-rs/argon2`. */
const ARGON2ID = 2

/**
 * Computes the tag of a password on libuv's thread pool: Argon2id by `@node-rs/argon2` where it is installed, as it is
 * more than twice as fast, else by Node.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where it takes Argon2 and neither is there.
 */
export const deriveTag: DeriveTag = async (password, salt, tagBytes, parameters) => {
  if (parameters.algorithm === 'scrypt') return scryptTag(password, salt, tagBytes, parameters)
  const { memoryKib, passes, lanes } = parameters
  const native = nativeArgon2()
  if (native !== undefined) {
    const cost = { memoryCost: memoryKib, timeCost: passes, parallelism: lanes, outputLen: tagBytes }
    return Buffer.from(await native.hashRaw(password, { algorithm: ARGON2ID, ...cost, salt }))
  }
  if (hasNodeArgon2()) return nodeArgon2Tag(password, salt, tagBytes, parameters)
  const message = 'the stored password hash needs Argon2, which is not there'
  throw new SecurityError({ code: 'PASSWORD_HASH_INVALID', message })
}

/** Argon2id by Node, 24.7 and later. */
export function nodeArgon2Tag(
  password: Buffer,
  salt: Buffer,
  tagBytes: number,
  { memoryKib, passes, lanes }: Extract<PasswordParameters, { algorithm: 'argon2id' }>,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, tag: Buffer): void => (error === null ? resolve(tag) : reject(error))
    const cost = { parallelism: lanes, tagLength: tagBytes, memory: memoryKib, passes }
    crypto.argon2('argon2id', { message: password, nonce: salt, ...cost }, done)
  })
}

function scryptTag(
  password: Buffer,
  salt: Buffer,
  tagBytes: number,
  { logN, blockSize, lanes }: Extract<PasswordParameters, { algorithm: 'scrypt' }>,
): Promise<Buffer> {
  const N = 2 ** logN
  // Node refuses scrypt above 32 MiB unless told otherwise; the bound of a stored hash is 64 MiB.
  const maxmem = 128 * N * blockSize + 128 * blockSize * lanes + 2 ** 20
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, tag: Buffer): void => (error === null ? resolve(tag) : reject(error))
    crypto.scrypt(password, salt, tagBytes, { N, r: blockSize, p: lanes, maxmem }, done)
  })
}
