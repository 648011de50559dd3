import { randomUUID } from 'node:crypto'
import {
  InvalidOptionError,
  requireFunction,
  requireInteger,
  requireMethods,
  requireTenantId,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import { type Clock, systemClock, withDeadline } from '../../time/index.ts'
import { SecurityError } from '../security-error.ts'
import { decideRefresh } from './decide-refresh.ts'
import type {
  NewRefreshFamily,
  RefreshDecision,
  RefreshRefusal,
  RefreshSubject,
  RefreshTokenStore,
  SpentToken,
} from './refresh-token-store.ts'
import { hashOf, isRefreshToken, randomRefreshToken, randomText, successorOf } from './refresh-token-text.ts'

/** What a {@link RefreshTokenService} is made of. */
export interface RefreshTokenServiceOptions {
  /** Where sessions and the hashes of their tokens are kept. */
  readonly store: RefreshTokenStore
  /** Whether the user may still come in; asked at each refresh, and what it throws is thrown on. */
  readonly isEnabled: (subject: RefreshSubject) => Promise<boolean>
  /** Told of a stolen session, so that the access tokens of its user end too: a `TokenRevocations`. Default: none. */
  readonly revocations?: { revokeSubject(subject: RefreshSubject): Promise<void> } | undefined
  /** Seconds after which a token that nobody uses ends, 60 to 31622400. Default 1209600 (14 days). */
  readonly idleLifetimeSeconds?: number | undefined
  /** Seconds after which a session ends however busy it is, not less than idle, at most 31622400. Default 7776000 (90 days). */
  readonly absoluteLifetimeSeconds?: number | undefined
  /** Seconds in which a request whose answer was lost can be sent again with its retry key, 0 to 600. Default 60. */
  readonly retryWindowSeconds?: number | undefined
  /** Most live sessions of a user, 1 to 1000; the oldest beyond end. Default 100. */
  readonly maxSessions?: number | undefined
  /** Milliseconds that each call of the store or of `isEnabled` may take, 100 to 60000. Default 5000. */
  readonly timeoutMs?: number | undefined
  /** Measures that time; instants are the store's. Default the system clock. */
  readonly clock?: Clock | undefined
  /** Told of each refusal, as for an audit log; it must not throw. Default: none. */
  readonly onRefused?: ((refusal: RefusedRefresh) => void) | undefined
  /** Told why a token was refused, which the caller is not: level warn for reuse, else info. Default: none. */
  readonly logger?: Logger | undefined
}

const DEFAULTS = Object.freeze({
  store: undefined,
  isEnabled: undefined,
  revocations: undefined,
  idleLifetimeSeconds: 1_209_600,
  absoluteLifetimeSeconds: undefined,
  retryWindowSeconds: 60,
  maxSessions: 100,
  timeoutMs: 5000,
  clock: systemClock,
  onRefused: undefined,
  logger: silentLogger,
})

/** The session of a refresh token. */
export interface RefreshSession extends RefreshSubject {
  /** Id of the session, the same from sign-in to sign-out. */
  readonly familyId: string
}

/** Why a refresh token was refused, and the session where it is known. */
export interface RefusedRefresh {
  /** `reused` is a sign of theft: the session has ended. */
  readonly reason: RefreshRefusal
  readonly session?: RefreshSession
}

/** A refresh token, and whose session it continues. */
export interface IssuedRefreshToken extends RefreshSubject {
  /** Opaque, 48 characters. A secret of the client: it is stored nowhere. */
  readonly token: string
  /** Id of the session, the same from sign-in to sign-out. */
  readonly familyId: string
}

/** What may come with a refresh. */
export interface RefreshOptions {
  /**
   * 22 to 256 characters that the client makes at random for this one request and sends again with it where the answer was
   * lost. Without it, sending a spent token again ends the session.
   */
  readonly retryKey?: string | undefined
}

/**
 * Refresh tokens as OAuth 2.0 Security (RFC 9700, 4.14) asks for: opaque, stored as hashes, exchanged at each use; a
 * spent one that comes again ends the session. Of two exchanges of one token at once exactly one is answered with a new one.
 */
export class RefreshTokenService {
  readonly #store: RefreshTokenStore
  readonly #isEnabled: RefreshTokenServiceOptions['isEnabled']
  readonly #revocations: RefreshTokenServiceOptions['revocations']
  readonly #idleLifetimeMs: number
  readonly #absoluteLifetimeMs: number
  readonly #retryWindowMs: number
  readonly #maxSessions: number
  readonly #onRefused: RefreshTokenServiceOptions['onRefused']
  readonly #logger: Logger
  readonly #timeoutMs: number
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: RefreshTokenServiceOptions) {
    const given = withDefaults(options, DEFAULTS)
    const { revocations, idleLifetimeSeconds, retryWindowSeconds, maxSessions, onRefused } = given
    this.#store = requireMethods('store', given.store, ['create', 'find', 'decide'])
    this.#isEnabled = requireFunction('isEnabled', given.isEnabled)
    this.#revocations = revocations && requireMethods('revocations', revocations, ['revokeSubject'])
    const idle = requireInteger('idleLifetimeSeconds', idleLifetimeSeconds, { min: 60, max: 31_622_400 })
    const absoluteLifetimeSeconds = given.absoluteLifetimeSeconds ?? Math.max(7_776_000, idle)
    const bounds = { min: idle, max: 31_622_400 }
    this.#idleLifetimeMs = idle * 1000
    this.#absoluteLifetimeMs =
      requireInteger('absoluteLifetimeSeconds', absoluteLifetimeSeconds, bounds) * 1000
    this.#retryWindowMs = requireInteger('retryWindowSeconds', retryWindowSeconds, { max: 600 }) * 1000
    this.#maxSessions = requireInteger('maxSessions', maxSessions, { min: 1, max: 1000 })
    this.#onRefused = onRefused && requireFunction('onRefused', onRefused)
    this.#logger = given.logger
    this.#timeoutMs = requireInteger('timeoutMs', given.timeoutMs, { min: 100, max: 60_000 })
    this.#clock = given.clock
  }

  /**
   * Begins a session, at sign-in.
   * @throws InvalidOptionError `INVALID_OPTION` on ids that are none. StorageError by code. TimeError `DEADLINE_EXCEEDED`.
   */
  async issue({ tenantId, subject }: RefreshSubject): Promise<IssuedRefreshToken> {
    requireTenantId(tenantId)
    requireText('subject', subject)
    const token = randomRefreshToken()
    const familyId = randomUUID()
    const make = (now: Date): NewRefreshFamily => {
      const expiresAt = new Date(now.getTime() + this.#absoluteLifetimeMs)
      const idleEnd = new Date(now.getTime() + this.#idleLifetimeMs)
      return {
        family: { tenantId, subject, familyId, createdAt: now, expiresAt },
        token: { tokenHash: hashOf(token), issuedAt: now, expiresAt: idleEnd },
      }
    }
    await this.#inTime(() => this.#store.create(make, this.#maxSessions))
    return { token, familyId, tenantId, subject }
  }

  /**
   * Exchanges a token for its one successor. Issue the access token by what the user is now, not by an older one.
   * @throws SecurityError `REFRESH_TOKEN_INVALID` on a token that is unknown, expired, revoked, reused, or of a user who is
   * disabled; why stands in the log alone. InvalidOptionError `INVALID_OPTION` on a retry key that is none. StorageError by
   * code and TimeError `DEADLINE_EXCEEDED`: nothing is lost, send the same request again with its retry key.
   */
  async refresh(token: string, { retryKey }: RefreshOptions = {}): Promise<IssuedRefreshToken> {
    if (retryKey !== undefined && requireText('retryKey', retryKey).length < 22)
      throw new InvalidOptionError('retryKey', '22 to 256 random characters', 'a shorter one')
    if (!isRefreshToken(token)) throw this.#refuse('unknown')
    const tokenHash = hashOf(token)
    // Asked before anything is spent: where the answer does not come, the token stays good.
    const known = await this.#inTime(() => this.#store.find(tokenHash))
    if (known === undefined) throw this.#refuse('unknown')
    const { tenantId, subject, familyId } = known.family
    if ((await this.#inTime(() => this.#isEnabled({ tenantId, subject }))) !== true)
      throw this.#refuse('disabled', known.family)
    const salt = randomText()
    const successor = retryKey === undefined ? randomRefreshToken() : successorOf(token, retryKey, salt)
    const spent: Omit<SpentToken, 'at'> = {
      salt,
      successorHash: hashOf(successor),
      ...(retryKey === undefined ? {} : { retryKeyHash: hashOf(retryKey) }),
    }
    const request = { spent, idleLifetimeMs: this.#idleLifetimeMs, retryWindowMs: this.#retryWindowMs }
    const decided = await this.#inTime(() =>
      this.#store.decide(tokenHash, (state) => decideRefresh(state, request)),
    )
    if (decided === undefined) throw this.#refuse('unknown')
    const { decision, state } = decided
    if (decision.kind === 'refuse') {
      if (decision.reason === 'reused') await this.#endAccess({ tenantId, subject })
      throw this.#refuse(decision.reason, state.family)
    }
    // Only a request with a retry key is repeated.
    const answer =
      decision.kind === 'rotate' ? successor : successorOf(token, retryKey ?? '', decision.spent.salt)
    return { token: answer, familyId, tenantId, subject }
  }

  /**
   * Ends the session of a token, at sign-out, and returns it; of one that is spent too. Undefined where it is unknown.
   * @throws StorageError by code. TimeError `DEADLINE_EXCEEDED`.
   */
  async revoke(token: string): Promise<RefreshSession | undefined> {
    if (!isRefreshToken(token)) return undefined
    const end = (): RefreshDecision => ({ kind: 'refuse', reason: 'revoked', revokesFamily: true })
    const ended = await this.#inTime(() => this.#store.decide(hashOf(token), end))
    if (ended === undefined) return undefined
    const { tenantId, subject, familyId } = ended.state.family
    return { tenantId, subject, familyId }
  }

  /**
   * Whether the session of a token goes on: it is known, not revoked and not over. Ask once an access token is issued: who
   * ends a session ends it here before the access tokens issued by then, so that none is issued beyond it.
   * @throws StorageError by code. TimeError `DEADLINE_EXCEEDED`.
   */
  async isLive(token: string): Promise<boolean> {
    if (!isRefreshToken(token)) return false
    const known = await this.#inTime(() => this.#store.find(hashOf(token)))
    return known !== undefined && known.family.revokedAt === undefined && known.family.expiresAt > known.now
  }

  /**
   * Ends all sessions of a user; how many there were.
   * @throws StorageError by code. TimeError `DEADLINE_EXCEEDED`.
   */
  async revokeSubject(subject: RefreshSubject): Promise<number> {
    return this.#inTime(() => this.#store.revokeSubject(subject))
  }

  /**
   * Forgets up to 10000 sessions and tokens that have ended; how many. Call it now and then, in any process.
   * @throws StorageError by code. TimeError `DEADLINE_EXCEEDED`.
   */
  async forgetEnded(): Promise<number> {
    return this.#store.forgetEnded(10_000)
  }

  #inTime<T>(call: () => Promise<T>): Promise<T> {
    return withDeadline({ timeoutMs: this.#timeoutMs, clock: this.#clock }, call)
  }

  /** The session has ended already; where this fails, the access tokens live as long as they live. */
  async #endAccess(subject: RefreshSubject): Promise<void> {
    await this.#revocations?.revokeSubject(subject).catch((error: unknown) => {
      this.#logger.error({ err: error, ...subject }, 'access tokens of a stolen session not revoked')
    })
  }

  #refuse(reason: RefreshRefusal, family?: RefreshSession): SecurityError {
    const { tenantId, subject, familyId } = family ?? {}
    const fields = { reason, ...(family === undefined ? {} : { tenantId, subject, familyId }) }
    if (reason === 'reused') this.#logger.warn(fields, 'refresh token reused: the session is revoked')
    else this.#logger.info(fields, 'refresh token refused')
    this.#onRefused?.({
      reason,
      ...(tenantId === undefined || subject === undefined || familyId === undefined
        ? {}
        : { session: { tenantId, subject, familyId } }),
    })
    return new SecurityError({ code: 'REFRESH_TOKEN_INVALID', message: 'the refresh token is invalid' })
  }
}
