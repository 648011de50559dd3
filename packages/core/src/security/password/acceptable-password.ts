import { InvalidOptionError } from '../../errors/index.ts'
import { SecurityError } from '../security-error.ts'
import { isCommonPassword } from './common-password.ts'

/** How many characters and bytes a password has. */
const MIN_CHARACTERS = 8
const MAX_BYTES = 1024
const MIN_NAME_LENGTH = 3

/** What a password is compared with. */
export interface AcceptablePasswordOptions {
  /**
   * Names that the password must not be made of: the user's, the tenant's, the product's. Their parts count, such as
   * those of an e-mail address. Default: none.
   */
  readonly names?: readonly string[] | undefined
}

/**
 * The bytes of a password in its form NFC, if there are enough of them and not too many.
 * @throws SecurityError `PASSWORD_UNACCEPTABLE` with `details.rule` `length`.
 */
export function requirePasswordLength(password: string): Buffer {
  const bytes = passwordBytes(password)
  // Counted in the form that is hashed: accents that combine are no characters of their own.
  const characters = [...bytes.toString('utf8')].length
  if (characters >= MIN_CHARACTERS && bytes.length <= MAX_BYTES) return bytes
  const message = `a password has ${MIN_CHARACTERS} characters or more and ${MAX_BYTES} bytes at most`
  throw new SecurityError({ code: 'PASSWORD_UNACCEPTABLE', message, details: { rule: 'length' } })
}

/** The bytes that are hashed: UTF-8 of the form NFC. @throws InvalidOptionError `INVALID_OPTION` on what is no text. */
export function passwordBytes(password: string): Buffer {
  if (typeof password !== 'string') throw new InvalidOptionError('password', 'a string', typeof password)
  return Buffer.from(password.normalize('NFC'), 'utf8')
}

/** Whether a password has more bytes than any that was ever accepted. */
export function isOverlong(bytes: Buffer): boolean {
  return bytes.length > MAX_BYTES
}

/**
 * Returns `password` if a user may choose it: 8 characters to 1024 bytes of UTF-8, not among those that are tried first,
 * not made of a name. Ask it where a password is set, not where one is checked.
 * @throws SecurityError `PASSWORD_UNACCEPTABLE` with `details.rule` `length`, `common` or `name`.
 */
export function requireAcceptablePassword(password: string, options: AcceptablePasswordOptions = {}): string {
  requirePasswordLength(password)
  if (isCommonPassword(password)) {
    const message = 'the password is among those that are tried first'
    throw new SecurityError({ code: 'PASSWORD_UNACCEPTABLE', message, details: { rule: 'common' } })
  }
  if (isCommonPassword(password, partsOf(options.names ?? []))) {
    const message = 'the password is made of a name'
    throw new SecurityError({ code: 'PASSWORD_UNACCEPTABLE', message, details: { rule: 'name' } })
  }
  return password
}

function partsOf(names: readonly string[]): ReadonlySet<string> {
  const parts = names.flatMap((name) => {
    const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
    return [plain.replace(/[^\p{L}]/gu, ''), ...plain.split(/[^\p{L}]+/u)]
  })
  return new Set(parts.filter((part) => part.length >= MIN_NAME_LENGTH))
}
