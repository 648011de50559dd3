import { SecurityError } from '../security-error.ts'
import type { PasswordParameters } from './password-parameters.ts'

/** A hash with what it was made with. */
export interface PasswordHash {
  readonly parameters: PasswordParameters
  readonly salt: Buffer
  readonly tag: Buffer
  /** Which pepper the tag went through; absent where none. */
  readonly keyId?: string
}

/** A pepper's id: what PHC strings take as `keyid`, and no more. */
export const KEY_ID: RegExp = /^[A-Za-z0-9]{1,11}$/

const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})(?:,keyid=([A-Za-z0-9]{1,11}))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})(?:,keyid=([A-Za-z0-9]{1,11}))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/**
 * A hash as a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$tag` or `$scrypt$ln=…,r=…,p=…$salt$tag`, with `,keyid=…` after
 * the costs where a pepper was used.
 */
export function formatPasswordHash({ parameters, salt, tag, keyId }: PasswordHash): string {
  const cost =
    parameters.algorithm === 'argon2id'
      ? `argon2id$v=19$m=${parameters.memoryKib},t=${parameters.passes},p=${parameters.lanes}`
      : `scrypt$ln=${parameters.logN},r=${parameters.blockSize},p=${parameters.lanes}`
  const pepper = keyId === undefined ? '' : `,keyid=${keyId}`
  return `$${cost}${pepper}$${unpadded(salt)}$${unpadded(tag)}`
}

/**
 * Reads a PHC string. Costs are bounded, so that a planted hash cannot exhaust the machine: 64 MiB at most.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where it is none, or beyond those bounds.
 */
export function parsePasswordHash(text: string): PasswordHash {
  const argon2id = ARGON2ID.exec(text)
  const match = argon2id ?? SCRYPT.exec(text)
  if (match === null) throw invalidHash()
  const [first, second, lanes] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const salt = Buffer.from(match[5] ?? '', 'base64')
  const tag = Buffer.from(match[6] ?? '', 'base64')
  const parameters: PasswordParameters =
    argon2id === null
      ? { algorithm: 'scrypt', logN: first, blockSize: second, lanes }
      : { algorithm: 'argon2id', memoryKib: first, passes: second, lanes }
  const hash = { parameters, salt, tag, ...(match[4] === undefined ? {} : { keyId: match[4] }) }
  if (!isBounded(hash) || formatPasswordHash(hash) !== text) throw invalidHash()
  return hash
}

function isBounded({ parameters, salt, tag }: PasswordHash): boolean {
  if (salt.length < 8 || salt.length > 64 || tag.length < 16 || tag.length > 64) return false
  const { lanes } = parameters
  if (lanes < 1 || lanes > 16) return false
  if (parameters.algorithm === 'argon2id') {
    const { memoryKib, passes } = parameters
    return memoryKib >= 8 * lanes && memoryKib <= 65_536 && passes >= 1 && passes <= 16
  }
  const { logN, blockSize } = parameters
  return logN >= 1 && blockSize >= 1 && blockSize <= 32 && 128 * 2 ** logN * blockSize <= 2 ** 26
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

function invalidHash(): SecurityError {
  return new SecurityError({
    code: 'PASSWORD_HASH_INVALID',
    message: 'the stored password hash cannot be read',
  })
}
