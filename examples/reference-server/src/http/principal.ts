import type { Permission } from '@golden-arch/core/security'

/** Who calls, as the token says. */
export interface Principal {
  readonly user: string
  readonly tenantId: string
  readonly role: string
}

/** A successful sign-in. */
export interface SignedIn {
  readonly token: string
  readonly role: string
  readonly permissions: readonly string[]
  readonly expiresInSeconds: number
}

/** What a permission check found. `own`: only on what the caller made. */
export type Permit = 'all' | 'own' | 'none'

/** What the gateway asks of whoever keeps users, tokens and roles. */
export interface Authority {
  /** Undefined for an unknown user and for a wrong password alike. */
  signIn(user: string, password: string): Promise<SignedIn | undefined>
  /** @throws a GoldenError `TOKEN_EXPIRED` or `TOKEN_INVALID`. */
  verify(token: string): Promise<Principal>
  permits(role: string, permission: Permission): Permit
  /** The public keys, as a JSON Web Key Set. */
  jwks(): Promise<object>
}
