import type { FormFault } from './compact-form.ts'

/** Why a token was refused, as the log names it; the caller is not told. */
export type TokenRefusal =
  | FormFault
  | 'not-our-form'
  | 'header-not-allowed'
  | 'unknown-issuer'
  | 'unknown-key'
  | 'wrong-algorithm'
  | 'wrong-signature'
  | 'wrong-type'
  | 'wrong-claim'
  | 'wrong-audience'
  | 'lifetime-too-long'
  | 'expired'
  | 'not-mapped'
  | 'revoked'
