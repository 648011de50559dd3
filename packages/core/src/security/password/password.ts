import { type HashPasswordOptions, PasswordHasher, type VerifyPasswordOptions } from './password-hasher.ts'

// One for the process, as libuv's thread pool is.
const hasher = new PasswordHasher()

/**
 * Hashes a password of 8 characters to 1024 bytes (UTF-8, normalised to NFC) into a PHC string. Two hashes run at once
 * in a process and 128 wait; {@link PasswordHasher} has options for that and for a pepper.
 * @throws SecurityError `PASSWORD_UNACCEPTABLE` on a password too short or too long, `PASSWORD_BUSY` (retryable) when
 * too many wait, `PASSWORD_HASH_INVALID` where the algorithm asked for cannot be computed; TimeError `ABORTED`.
 */
export function hashPassword(password: string, options: HashPasswordOptions = {}): Promise<string> {
  return hasher.hash(password, options)
}

/**
 * Whether `password` gives the hash `stored`. For a user that is not known pass `undefined`: the answer is false and
 * takes as long as for a known user with a current hash.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where `stored` cannot be read, `PASSWORD_BUSY` (retryable) when too many
 * wait; TimeError `ABORTED`.
 */
export function verifyPassword(
  password: string,
  stored: string | undefined,
  options: VerifyPasswordOptions = {},
): Promise<boolean> {
  return hasher.verify(password, stored, options)
}

/**
 * Whether a password should be hashed anew at the next sign-in, because its hash was made with other parameters than
 * those in force.
 * @throws SecurityError `PASSWORD_HASH_INVALID` where `stored` cannot be read.
 */
export function needsRehash(stored: string): boolean {
  return hasher.needsRehash(stored)
}
