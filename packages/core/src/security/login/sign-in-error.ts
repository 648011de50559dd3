import { GoldenError } from '../../errors/index.ts'

/** Codes of the errors of signing in. */
export type SignInErrorCode = 'SIGN_IN_REFUSED' | 'SIGN_IN_THROTTLED' | 'SIGN_IN_UNAVAILABLE'

/**
 * A sign-in did not succeed. `SIGN_IN_REFUSED`: for a wrong password, an unknown or disabled user and an account that
 * takes no tries at the moment alike, always with the same words and no details. `SIGN_IN_THROTTLED` (retryable): the
 * address has failed too often, `details.retryAfterMs` says for how long. `SIGN_IN_UNAVAILABLE` (retryable): tries
 * cannot be counted, so none is let through.
 */
export class SignInError extends GoldenError<SignInErrorCode> {}
