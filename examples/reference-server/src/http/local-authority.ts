import {
  type AccessControl,
  ConfiguredKeyRing,
  DEFAULT_TOKEN_LIFETIME_SECONDS,
  generateSigningJwk,
  type HumanRole,
  hashPassword,
  ROLE_TABLE,
  TokenIssuer,
  TokenVerifier,
  verifyPassword,
} from '@golden-arch/core/security'
import type { Authority } from './access/access-hook.ts'

/** A person who may sign in. */
export interface LocalUser {
  readonly name: string
  readonly password: string
  readonly role: HumanRole
  readonly tenantId: string
}

/** What a local authority is made of. */
export interface LocalAuthorityOptions {
  readonly users: readonly LocalUser[]
  readonly issuer: string
  readonly audience: string
  readonly access: AccessControl
}

/** A successful sign-in. */
export interface SignedIn {
  readonly token: string
  readonly role: string
  readonly permissions: readonly string[]
  readonly expiresInSeconds: number
}

/** Signs people in and judges their calls. */
export interface LocalAuthority extends Authority {
  /** Undefined for an unknown user and for a wrong password alike. */
  signIn(user: string, password: string): Promise<SignedIn | undefined>
  /** The public keys, as a JSON Web Key Set. */
  jwks(): Promise<object>
}

/**
 * Users in memory, their passwords as hashes only, and tokens signed with a key made now: a restart ends every session.
 */
export async function createLocalAuthority(options: LocalAuthorityOptions): Promise<LocalAuthority> {
  const { issuer, audience } = options
  const keys = await ConfiguredKeyRing.open({ privateKey: await generateSigningJwk() })
  const tokens = new TokenIssuer({ keys, issuer, audience })
  const verifier = new TokenVerifier({ keys, issuer, audience })
  const users = new Map(
    await Promise.all(
      options.users.map(
        async (user) => [user.name, { ...user, password: await hashPassword(user.password) }] as const,
      ),
    ),
  )
  return {
    signIn: async (name, password) => {
      const user = users.get(name)
      // Verified for an unknown user too, so that the time taken does not tell who exists.
      const isRight = await verifyPassword(password, user?.password)
      if (user === undefined || !isRight) return undefined
      const { role, tenantId } = user
      const { token } = await tokens.issue({ subject: name, kind: 'human', role, tenantId })
      return {
        token,
        role,
        permissions: ROLE_TABLE[role].permissions,
        expiresInSeconds: DEFAULT_TOKEN_LIFETIME_SECONDS,
      }
    },
    verify: async (token) => {
      const { subject, role, tenantId } = await verifier.verify(token)
      return { id: subject, kind: 'human', role, tenantId }
    },
    permit: async (principal, permission, requestId) =>
      (await options.access.require(principal, permission, undefined, { requestId })).scope,
    jwks: async () => (await keys.jwks()).jwks,
  }
}
