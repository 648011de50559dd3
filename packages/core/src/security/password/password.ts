import { randomBytes, timingSafeEqual } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { SecurityError } from '../security-error.ts'
import { deriveTag } from './derive-tag.ts'
import { HashQueue } from './hash-queue.ts'
import { formatPasswordHash, type PasswordHash, parsePasswordHash } from './password-hash.ts'
import {
  ARGON2ID_PARAMETERS,
  currentParameters,
  type PasswordParameters,
  SCRYPT_PARAMETERS,
} from './password-parameters.ts'

/** How a password is hashed. */
export interface HashPasswordOptions {
  /** Default: `argon2id` where this Node has it, else `scrypt`. */
  readonly algorithm?: PasswordParameters['algorithm']
  /** Ends the wait for a turn; a hash that has begun runs to its end. */
  readonly signal?: AbortSignal
}

/** How a password is checked. */
export interface VerifyPasswordOptions {
  /** Ends the wait for a turn; a check that has begun runs to its end. */
  readonly signal?: AbortSignal
}

const MIN_CHARACTERS = 8
const MAX_BYTES = 1024
const SALT_BYTES = 16
const TAG_BYTES = 32

// One for the process, as libuv's thread pool is: by default it has four threads, of which files and DNS need some too.
const queue = new HashQueue(2, 128)

// A tag out of nothing: no password is known to give it, and checking against it costs what a real check costs.
const DUMMY_SALT = Buffer.alloc(SALT_BYTES, 0x5a)
const DUMMY_TAG = randomBytes(TAG_BYTES)

/**
 * Hashes a password of 8 characters to 1024 bytes (UTF-8, normalised to NFC) into a PHC string. Two hashes run at once
 * in a process and 128 wait.
 * @throws SecurityError `PASSWORD_UNACCEPTABLE` on a password too short or too long, `PASSWORD_BUSY` (retryable) when
 * too many wait, `PASSWORD_HASH_INVALID` where this Node lacks the algorithm asked for; TimeError `ABORTED`.
 */
export async function hashPassword(password: string, options: HashPasswordOptions = {}): Promise<string> {
  const bytes = toBytes(password)
  if ([...password].length < MIN_CHARACTERS || bytes.length > MAX_BYTES) {
    throw new SecurityError({
      code: 'PASSWORD_UNACCEPTABLE',
      message: `a password has ${MIN_CHARACTERS} characters or more and ${MAX_BYTES} bytes at most`,
    })
  }
  const parameters = parametersOf(options.algorithm)
  const salt = randomBytes(SALT_BYTES)
  const tag = await queue.run(() => deriveTag(bytes, salt, TAG_BYTES, parameters), options.signal)
  return formatPasswordHash({ parameters, salt, tag })
}

/**
 * Whether `password` gives the hash `stored`. For a user that is not known pass `undefined`: the answer is false and
 * takes as long as for a known user with a current hash.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where `stored` cannot be read, `PASSWORD_BUSY` (retryable) when too many
 * wait; TimeError `ABORTED`.
 */
export async function verifyPassword(
  password: string,
  stored: string | undefined,
  options: VerifyPasswordOptions = {},
): Promise<boolean> {
  const bytes = toBytes(password)
  if (bytes.length > MAX_BYTES) return false
  const hash = stored === undefined ? dummyHash() : parsePasswordHash(stored)
  const { parameters, salt } = hash
  const tag = await queue.run(() => deriveTag(bytes, salt, hash.tag.length, parameters), options.signal)
  return timingSafeEqual(tag, hash.tag) && stored !== undefined
}

/**
 * Whether a password should be hashed anew at the next login, because its hash was made with other parameters than
 * those in force.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where `stored` cannot be read.
 */
export function needsRehash(stored: string): boolean {
  const { parameters, tag } = parsePasswordHash(stored)
  return !isDeepStrictEqual({ ...parameters }, { ...currentParameters() }) || tag.length !== TAG_BYTES
}

function dummyHash(): PasswordHash {
  return { parameters: currentParameters(), salt: DUMMY_SALT, tag: DUMMY_TAG }
}

function parametersOf(algorithm: PasswordParameters['algorithm'] | undefined): PasswordParameters {
  if (algorithm === undefined) return currentParameters()
  return algorithm === 'argon2id' ? ARGON2ID_PARAMETERS : SCRYPT_PARAMETERS
}

function toBytes(password: string): Buffer {
  return Buffer.from(password.normalize('NFC'), 'utf8')
}
