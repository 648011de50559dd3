import { createHmac } from 'node:crypto'
import { InvalidOptionError } from '../../errors/index.ts'
import { KEY_ID } from './password-hash.ts'

/**
 * Secrets kept apart from the database, without which its hashes cannot even be tried. Whoever loses one loses the
 * passwords hashed with it.
 */
export interface PasswordPepper {
  /** The key that new hashes use: one of `keys`. */
  readonly keyId: string
  /** Keys of at least 32 random bytes by id; an id has 1 to 11 letters and digits. Keep an old key while hashes use it. */
  readonly keys: Readonly<Record<string, Uint8Array>>
}

const MIN_KEY_BYTES = 32
const DOMAIN = 'golden-arch-password-pepper-v1'

/** @throws InvalidOptionError `INVALID_OPTION` on an id that is none or unknown, and on a short key. */
export function requirePepper(pepper: PasswordPepper): PasswordPepper {
  for (const [keyId, key] of Object.entries(pepper.keys)) {
    if (!KEY_ID.test(keyId))
      throw new InvalidOptionError('pepper.keys', 'ids of 1 to 11 letters and digits', keyId)
    if (!(key instanceof Uint8Array) || key.length < MIN_KEY_BYTES)
      throw new InvalidOptionError(`pepper.keys.${keyId}`, `at least ${MIN_KEY_BYTES} bytes`, typeof key)
  }
  if (!Object.hasOwn(pepper.keys, pepper.keyId))
    throw new InvalidOptionError('pepper.keyId', 'the id of one of pepper.keys', pepper.keyId)
  return { keyId: pepper.keyId, keys: { ...pepper.keys } }
}

/** A tag as it is stored with a pepper: HMAC-SHA-256 of it, 32 bytes. */
export function pepperTag(tag: Buffer, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(DOMAIN).update(tag).digest()
}
