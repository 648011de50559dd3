import { isGoldenError } from '@golden-arch/core/errors'
import type { Logger, Metrics } from '@golden-arch/core/observability'
import {
  AccessControl,
  type AccessResource,
  type AuditTrail,
  DEFAULT_TOKEN_LIFETIME_SECONDS,
  type IssuedToken,
  MemoryThrottleStore,
  PasswordSignIn,
  PERMISSIONS,
  type Permission,
  type Principal,
  type PublishedKeys,
  RedisThrottleStore,
  RefreshTokenService,
  reachOf,
  SecurityError,
  SignInError,
  SignInThrottle,
  SqlRefreshTokenStore,
  SqlRevocationStore,
  TokenIssuer,
  TokenRevocations,
  TokenVerifier,
  type User,
  type UserStore,
} from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, sleep, systemClock } from '@golden-arch/core/time'
import type { Redis } from 'ioredis'
import type { Configuration } from '../configuration.ts'
import { isSystemPermission } from '../http/access/system-access.ts'
import type { IdentityKeys } from './identity-keys.ts'
import { READ_BY_ONE } from './read-by-one.ts'
import { SessionTrail } from './session-trail.ts'

/** What an {@link Identity} is made of. */
export interface IdentityOptions {
  readonly configuration: Pick<Configuration, 'JWT_ISSUER' | 'JWT_AUDIENCE' | 'REDIS_PREFIX'>
  readonly keys: IdentityKeys
  readonly users: UserStore
  readonly database: SqlDatabase
  /** Whether no other process has the database open. */
  readonly isAlone: boolean
  readonly redis: Redis | undefined
  readonly audit: AuditTrail
  /** The home tenant: its audit log takes the failed sign-ins of unknown names. */
  readonly tenantId: string
  readonly logger: Logger
  readonly metrics: Metrics
  /** Where the time of tries to sign in comes from, where Redis does not tell it. Default the system clock. */
  readonly clock?: Clock
}

/** Somebody who is signed in. */
export interface Session {
  readonly token: string
  readonly refreshToken: string
  readonly role: string
  readonly permissions: readonly Permission[]
  readonly expiresInSeconds: number
}

/** A try to sign in, as a request brings it. */
export interface SignInTry {
  readonly name: string
  readonly password: string
  readonly address: string
  readonly device: string | undefined
  readonly requestId: string
}

/** The clocks of the database and of this process may be a second apart. */
const MAX_ISSUES = 3

/** Signs people in and out, and judges their calls. */
export class Identity {
  readonly #options: IdentityOptions
  readonly #issuer: TokenIssuer
  readonly #verifier: TokenVerifier
  readonly #revocations: TokenRevocations
  readonly #refreshTokens: RefreshTokenService
  readonly #signIn: PasswordSignIn
  readonly #access: AccessControl
  readonly #sessionTrail: SessionTrail

  constructor(options: IdentityOptions) {
    const { keys, users, database, redis, audit, tenantId, logger, metrics, clock = systemClock } = options
    const party = {
      keys: keys.ring,
      issuer: options.configuration.JWT_ISSUER,
      audience: options.configuration.JWT_AUDIENCE,
    }
    this.#options = options
    this.#sessionTrail = new SessionTrail({ audit, tenantId, logger, clock })
    this.#issuer = new TokenIssuer(party)
    this.#revocations = new TokenRevocations({
      store: new SqlRevocationStore({ database }),
      maxTokenLifetimeSeconds: DEFAULT_TOKEN_LIFETIME_SECONDS,
      ...(options.isAlone ? READ_BY_ONE : {}),
      logger,
    })
    this.#verifier = new TokenVerifier({ ...party, revocations: this.#revocations, logger })
    this.#refreshTokens = new RefreshTokenService({
      store: new SqlRefreshTokenStore({ database }),
      isEnabled: async (subject) =>
        (await this.#enabledUser(subject.tenantId, subject.subject)) !== undefined,
      revocations: this.#revocations,
      onRefused: (refusal) => this.#sessionTrail.noteRefusal(refusal),
      logger,
    })
    const keyPrefix = `${options.configuration.REDIS_PREFIX}sign-in`
    const store =
      redis === undefined ? new MemoryThrottleStore({ clock }) : new RedisThrottleStore({ redis, keyPrefix })
    const throttle = new SignInThrottle({ store, secret: keys.throttleSecret })
    this.#signIn = new PasswordSignIn({
      users,
      throttle,
      audit,
      auditTenantId: tenantId,
      metrics,
      logger,
      clock,
    })
    this.#access = new AccessControl({ audit, metrics, logger })
  }

  /**
   * Signs a person in; `device` is what the client should keep for its next sign-in.
   * @throws SignInError by code; SecurityError `PASSWORD_BUSY`; StorageError by code.
   */
  async signIn(request: SignInTry): Promise<{ readonly session: Session; readonly device: string | null }> {
    const { device: known, ...rest } = request
    const { user, device } = await this.#signIn.signIn({
      ...rest,
      ...(known === undefined ? {} : { device: known }),
    })
    const refresh = await this.#refreshTokens.issue({ tenantId: user.tenantId, subject: user.userId })
    const session = await this.#sessionOf(user, refresh.token)
    if (session !== undefined) return { session, device }
    await this.#refreshTokens.revoke(refresh.token)
    throw new SignInError({ code: 'SIGN_IN_REFUSED', message: 'unknown user or wrong password' })
  }

  /**
   * Exchanges a refresh token for a session of the user as he is now.
   * @throws SecurityError `REFRESH_TOKEN_INVALID`; StorageError by code.
   */
  async refresh(refreshToken: string, retryKey: string | undefined): Promise<Session> {
    const options = retryKey === undefined ? {} : { retryKey }
    const { token, ...known } = await this.#refreshTokens.refresh(refreshToken, options)
    const user = await this.#enabledUser(known.tenantId, known.subject)
    const session = user && (await this.#sessionOf(user, token))
    if (session !== undefined) return session
    await this.#refreshTokens.revoke(token)
    this.#sessionTrail.noteRefusal({ reason: user === undefined ? 'disabled' : 'revoked', session: known })
    throw new SecurityError({ code: 'REFRESH_TOKEN_INVALID', message: 'the refresh token is invalid' })
  }

  /**
   * Ends the session of a refresh token, and the access token that comes with it if it is good.
   * @throws StorageError by code.
   */
  async signOut(refreshToken: string, token: string | undefined, requestId: string): Promise<void> {
    const session = await this.#refreshTokens.revoke(refreshToken)
    if (session !== undefined) this.#sessionTrail.noteSignOut(session, requestId)
    if (token === undefined) return
    const claims = await this.#verifier.verify(token).catch((error: unknown) => {
      if (isGoldenError(error, 'TOKEN_EXPIRED') || isGoldenError(error, 'TOKEN_INVALID')) return undefined
      throw error
    })
    if (claims !== undefined) await this.#revocations.revokeToken(claims)
  }

  /** Ends all sessions of a user that began before this moment. @throws StorageError by code. */
  async endSessions(user: User): Promise<void> {
    const subject = { tenantId: user.tenantId, subject: user.userId }
    await this.#refreshTokens.revokeSubject(subject)
    // Tokens tell the second of their issue alone: those of the present one are new.
    await this.#revocations.revokeSubject({ ...subject, issuedBefore: new Date(Date.now() - 1000) })
  }

  /** @throws SecurityError `TOKEN_EXPIRED`, `TOKEN_INVALID`; `TOKEN_KEYS_UNAVAILABLE`, `TOKEN_REVOCATIONS_UNAVAILABLE` (retryable). */
  async verify(token: string): Promise<Principal> {
    const { subject, kind, role, tenantId } = await this.#verifier.verify(token)
    return { id: subject, kind, role, tenantId }
  }

  /** How far the permission reaches. @throws AccessError by code; a refusal is on record by then. */
  async permit(
    principal: Principal,
    permission: Permission,
    requestId: string,
    resource?: AccessResource,
  ): Promise<'all' | 'own'> {
    return (await this.#access.require(principal, permission, resource, { requestId })).scope
  }

  /** The public keys. */
  async publishedKeys(): Promise<PublishedKeys> {
    return await this.#options.keys.ring.jwks()
  }

  /** Writes what is gathered for the audit log. */
  async close(): Promise<void> {
    await this.#signIn.close()
    await this.#sessionTrail.close()
  }

  /** Undefined where the session has ended by now, or its user is not as he was. */
  async #sessionOf(user: User, refreshToken: string): Promise<Session | undefined> {
    const issued = await this.#accessToken(user, refreshToken)
    if (issued === undefined) return undefined
    const { tenantId, role } = user
    const { token, claims } = issued
    const isAtHome = tenantId === this.#options.tenantId
    return {
      token,
      refreshToken,
      role,
      permissions: PERMISSIONS.filter(
        (one) => reachOf(role, one) !== 'none' && (isAtHome || !isSystemPermission(one)),
      ),
      expiresInSeconds: Math.round((claims.expiresAt.getTime() - claims.issuedAt.getTime()) / 1000),
    }
  }

  /** Where all earlier tokens of the user were revoked within this second, one of the next: tokens tell no shorter time. */
  async #accessToken(user: User, refreshToken: string): Promise<IssuedToken | undefined> {
    const { userId, tenantId, role, kind } = user
    for (let turn = 1; ; turn++) {
      const issued = await this.#issuer.issue({ subject: userId, tenantId, role, kind })
      const isRevoked = await this.#revocations.isRevoked(issued.claims)
      // Asked once it is issued: what ends the session from now on revokes it too.
      if (!(await this.#goesOn(user, refreshToken))) return undefined
      if (turn === MAX_ISSUES || !isRevoked) return issued
      await sleep(1000 - (Date.now() % 1000))
    }
  }

  async #goesOn({ tenantId, userId, version }: User, refreshToken: string): Promise<boolean> {
    const user = await this.#enabledUser(tenantId, userId)
    return user?.version === version && (await this.#refreshTokens.isLive(refreshToken))
  }

  async #enabledUser(tenantId: string, userId: string): Promise<User | undefined> {
    try {
      const user = await this.#options.users.get({ tenantId, userId })
      return user.disabledAt === null ? user : undefined
    } catch (error) {
      if (isGoldenError(error, 'USER_NOT_FOUND')) return undefined
      throw error
    }
  }
}
