import { findSecretFault } from '@golden-arch/core/security'

const MAX_KEYS = 8
/** 32 bytes in base64url or base64, with or without its padding. */
const ENCODED_KEY = /^[\w+/-]{43}=?$/

/** What a key-encryption key of the configuration must be. */
export const KEY_ENCRYPTION_RULE =
  'must be 32 random bytes as openssl rand -base64 32 makes them, or base64url; with commas up to 8 of them'

/** Whether `text` names key-encryption keys, none of them plainly weak. */
export function areKeyEncryptionKeys(text: string): boolean {
  const keys = text.split(',')
  const areWritten = keys.length <= MAX_KEYS && keys.every((key) => ENCODED_KEY.test(key.trim()))
  return areWritten && keyEncryptionKeysOf(text).every((key) => findSecretFault(key) === undefined)
}

/** The keys that `text` names: the first seals, all open. */
export function keyEncryptionKeysOf(text: string): readonly Uint8Array[] {
  return text.split(',').map((key) => Buffer.from(key.trim(), 'base64'))
}
