import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type SecurityErrorCode =
  | 'TOKEN_EXPIRED'
  | 'TOKEN_INVALID'
  | 'TOKEN_KEYS_UNAVAILABLE'
  | 'TOKEN_REVOCATIONS_UNAVAILABLE'
  | 'REFRESH_TOKEN_INVALID'
  | 'SIGNING_KEY_INVALID'
  | 'KEY_UNKNOWN'
  | 'PASSWORD_UNACCEPTABLE'
  | 'PASSWORD_HASH_INVALID'
  | 'PASSWORD_BUSY'

/**
 * A token, key or password is refused. A refused token tells only whether it has expired; why it is invalid goes to the
 * logger and not to the caller. Retryable: `PASSWORD_BUSY`, `TOKEN_KEYS_UNAVAILABLE`, `TOKEN_REVOCATIONS_UNAVAILABLE`.
 */
export class SecurityError extends GoldenError<SecurityErrorCode> {}
