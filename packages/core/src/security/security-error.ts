import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type SecurityErrorCode =
  | 'TOKEN_EXPIRED'
  | 'TOKEN_INVALID'
  | 'SIGNING_KEY_INVALID'
  | 'PASSWORD_UNACCEPTABLE'
  | 'PASSWORD_HASH_INVALID'
  | 'PASSWORD_BUSY'

/**
 * A token, key or password is refused. A refused token tells only whether it has expired; why it is invalid stands in
 * `cause`, for the log and not for the caller. Retryable: `PASSWORD_BUSY`.
 */
export class SecurityError extends GoldenError<SecurityErrorCode> {}
