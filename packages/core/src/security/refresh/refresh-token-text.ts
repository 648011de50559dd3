import { createHash, createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'gart_'
const BYTES = 32
/** 32 bytes in canonical base64url: the last character carries four bits. */
const FORM = /^gart_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** A refresh token of 256 random bits. */
export function randomRefreshToken(): string {
  return PREFIX + randomText()
}

/** 256 random bits in base64url. */
export function randomText(): string {
  return randomBytes(BYTES).toString('base64url')
}

/** Whether a value has the form of a refresh token. */
export function isRefreshToken(value: unknown): value is string {
  return typeof value === 'string' && FORM.test(value)
}

/** SHA-256 of a text, in base64url. Of 256 random bits it needs no salt: nobody can search them. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/**
 * The successor of a token that is exchanged with a retry key: made of the token and the key, which the client alone
 * knows, and of a salt, which the store alone knows. So the same request gets the same answer, and neither side's secrets
 * are enough to make it.
 */
export function successorOf(token: string, retryKey: string, salt: string): string {
  const input = `golden-architecture refresh successor\n${salt}\n${retryKey}`
  return PREFIX + createHmac('sha256', token).update(input).digest('base64url')
}
