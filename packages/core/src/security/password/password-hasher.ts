import { randomBytes, timingSafeEqual } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { requireFunction, requireInteger, withDefaults } from '../../errors/index.ts'
import { SecurityError } from '../security-error.ts'
import { isOverlong, passwordBytes, requirePasswordLength } from './acceptable-password.ts'
import { type DeriveTag, deriveTag } from './derive-tag.ts'
import { HashQueue } from './hash-queue.ts'
import { formatPasswordHash, type PasswordHash, parsePasswordHash } from './password-hash.ts'
import {
  ARGON2ID_PARAMETERS,
  currentParameters,
  type PasswordParameters,
  SCRYPT_PARAMETERS,
} from './password-parameters.ts'
import { type PasswordPepper, pepperTag, requirePepper } from './password-pepper.ts'

/** What a {@link PasswordHasher} is made of. */
export interface PasswordHasherOptions {
  /** Hashes computed at once, 1 to 64. Default 2: they run on libuv's threads, four by default, which files need too. */
  readonly maxConcurrent?: number | undefined
  /** Hashes that wait, 0 to 10000; one more is `PASSWORD_BUSY`. Default 128. */
  readonly maxQueueLength?: number | undefined
  /** Default: none. */
  readonly pepper?: PasswordPepper | undefined
  /** What computes the hashes. Default `@node-rs/argon2` where it is installed, else Node's own. */
  readonly derive?: DeriveTag | undefined
}

const DEFAULTS = Object.freeze({
  maxConcurrent: 2,
  maxQueueLength: 128,
  pepper: undefined,
  derive: deriveTag,
})

/** How a password is hashed. */
export interface HashPasswordOptions {
  /** Default: `argon2id` where it can be computed, else `scrypt`. */
  readonly algorithm?: PasswordParameters['algorithm'] | undefined
  /** Ends the wait for a turn; a hash that has begun runs to its end. */
  readonly signal?: AbortSignal | undefined
}

/** How a password is checked. */
export interface VerifyPasswordOptions {
  /** Ends the wait for a turn; a check that has begun runs to its end. */
  readonly signal?: AbortSignal | undefined
}

const SALT_BYTES = 16
const TAG_BYTES = 32

// A tag out of nothing: no password is known to give it, and checking against it costs what a real check costs.
const DUMMY_SALT = randomBytes(SALT_BYTES)
const DUMMY_TAG = randomBytes(TAG_BYTES)

/**
 * Hashes and checks passwords, a few at a time. A password is taken as Unicode text in its form NFC, so that composed and
 * combining accents are the same; letter case, blanks and compatibility forms count, and nothing is cut.
 */
export class PasswordHasher {
  readonly #queue: HashQueue
  readonly #pepper: PasswordPepper | undefined
  readonly #derive: DeriveTag

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: PasswordHasherOptions = {}) {
    const { maxConcurrent, maxQueueLength, pepper, derive } = withDefaults(options, DEFAULTS)
    requireInteger('maxConcurrent', maxConcurrent, { min: 1, max: 64 })
    requireInteger('maxQueueLength', maxQueueLength, { max: 10_000 })
    this.#queue = new HashQueue(maxConcurrent, maxQueueLength)
    this.#pepper = pepper && requirePepper(pepper)
    this.#derive = requireFunction('derive', derive)
  }

  /**
   * Hashes a password of 8 characters to 1024 bytes (UTF-8) into a PHC string.
   * @throws SecurityError `PASSWORD_UNACCEPTABLE` on a password too short or too long, `PASSWORD_BUSY` (retryable) when
   * too many wait, `PASSWORD_HASH_INVALID` where the algorithm asked for cannot be computed; TimeError `ABORTED`.
   */
  async hash(password: string, options: HashPasswordOptions = {}): Promise<string> {
    const bytes = requirePasswordLength(password)
    const parameters = parametersOf(options.algorithm)
    const salt = randomBytes(SALT_BYTES)
    const keyId = this.#pepper?.keyId
    const blank = {
      parameters,
      salt,
      tag: Buffer.alloc(TAG_BYTES),
      ...(keyId === undefined ? {} : { keyId }),
    }
    return formatPasswordHash({ ...blank, tag: await this.#tagOf(bytes, blank, options.signal) })
  }

  /**
   * Whether `password` gives the hash `stored`. For a user that is not known pass `undefined`: the answer is false and
   * takes as long as for a known user with a current hash.
   * @throws SecurityError `PASSWORD_HASH_INVALID` where `stored` cannot be read or its pepper is not there,
   * `PASSWORD_BUSY` (retryable) when too many wait; TimeError `ABORTED`.
   */
  async verify(
    password: string,
    stored: string | undefined,
    options: VerifyPasswordOptions = {},
  ): Promise<boolean> {
    const bytes = passwordBytes(password)
    if (isOverlong(bytes)) return false
    const hash = stored === undefined ? this.#dummyHash() : parsePasswordHash(stored)
    const tag = await this.#tagOf(bytes, hash, options.signal)
    return tag.length === hash.tag.length && timingSafeEqual(tag, hash.tag) && stored !== undefined
  }

  /**
   * Whether a password should be hashed anew at the next sign-in, because its hash was made with other parameters or
   * another pepper than those in force.
   * @throws SecurityError `PASSWORD_HASH_INVALID` where `stored` cannot be read.
   */
  needsRehash(stored: string): boolean {
    const { parameters, tag, keyId } = parsePasswordHash(stored)
    if (tag.length !== TAG_BYTES || keyId !== this.#pepper?.keyId) return true
    return !isDeepStrictEqual({ ...parameters }, { ...currentParameters() })
  }

  /** The tag to store for a password, or to compare with the stored one; of peppered hashes it has 32 bytes. */
  async #tagOf(bytes: Buffer, hash: PasswordHash, signal: AbortSignal | undefined): Promise<Buffer> {
    const { parameters, salt, keyId } = hash
    const key = keyId === undefined ? undefined : this.#keyOf(keyId)
    const tagBytes = key === undefined ? hash.tag.length : TAG_BYTES
    const tag = await this.#queue.run(() => this.#derive(bytes, salt, tagBytes, parameters), signal)
    return key === undefined ? tag : pepperTag(tag, key)
  }

  #keyOf(keyId: string): Uint8Array {
    const keys = this.#pepper?.keys ?? {}
    const key = Object.hasOwn(keys, keyId) ? keys[keyId] : undefined
    if (key !== undefined) return key
    const message = 'the stored password hash needs a pepper that is not there'
    throw new SecurityError({ code: 'PASSWORD_HASH_INVALID', message, details: { keyId } })
  }

  #dummyHash(): PasswordHash {
    const keyId = this.#pepper?.keyId
    const dummy = { parameters: currentParameters(), salt: DUMMY_SALT, tag: DUMMY_TAG }
    return keyId === undefined ? dummy : { ...dummy, keyId }
  }
}

function parametersOf(algorithm: PasswordParameters['algorithm'] | undefined): PasswordParameters {
  if (algorithm === undefined) return currentParameters()
  return algorithm === 'argon2id' ? ARGON2ID_PARAMETERS : SCRYPT_PARAMETERS
}
