import { isGoldenError, requireMethods, withDefaults } from '../../errors/index.ts'
import {
  type Counter,
  type Logger,
  METRICS,
  type Metrics,
  silentLogger,
  silentMetrics,
} from '../../observability/index.ts'
import {
  type Clock,
  type CloseOptions,
  requireDrainTimeout,
  systemClock,
  withDeadline,
} from '../../time/index.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { PasswordHasher } from '../password/password-hasher.ts'
import { FailureTrail, type SignInFailureCause } from './failure-trail.ts'
import { SignInError } from './sign-in-error.ts'
import type { TryReservation } from './throttle/ports/throttle-store.ts'
import type { SignInOrigin, SignInThrottle } from './throttle/sign-in-throttle.ts'
import type { UserCredentials, UserStore } from './users/ports/user-store.ts'
import type { User } from './users/user.ts'

/** What a {@link PasswordSignIn} is made of. */
export interface PasswordSignInOptions {
  /** Who may sign in. */
  readonly users: UserStore
  /** Bounds how many passwords can be tried. */
  readonly throttle: SignInThrottle
  /** Default one of its own: two hashes at once, 128 waiting, no pepper. */
  readonly hasher?: PasswordHasher | undefined
  /** Where failed tries are recorded, in a bounded number. Successes are the user store's. Default: none. */
  readonly audit?: AuditTrail | undefined
  /** Tenant whose audit log takes the failures of names that are nobody's, or were not looked up. Default `system`. */
  readonly auditTenantId?: string | undefined
  /** Milliseconds in which failures of one account and cause make one audit entry, 1000 to 3600000. Default 60000. */
  readonly auditIntervalMs?: number | undefined
  /** Audit entries of failures in one interval at most, half of them at once, 1 to 10000. Default 100. */
  readonly maxAuditEntries?: number | undefined
  /** Counts tries as `sign_ins_total` by outcome. Default: none. */
  readonly metrics?: Metrics | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({
  users: undefined,
  throttle: undefined,
  hasher: undefined,
  audit: undefined,
  auditTenantId: undefined,
  auditIntervalMs: undefined,
  maxAuditEntries: undefined,
  metrics: silentMetrics,
  logger: silentLogger,
  clock: systemClock,
})

/** One try to sign in. */
export interface SignInRequest extends SignInOrigin {
  readonly password: string
  /** Id of the request, for the audit log. Default: none. */
  readonly requestId?: string | undefined
  /** Ends the wait for a turn to hash; the try counts as failed. */
  readonly signal?: AbortSignal | undefined
}

/** A successful sign-in. */
export interface SignedInUser {
  readonly user: User
  /**
   * What the client should keep and send as `device` with its next sign-in, as in a cookie that scripts cannot read: it
   * then gets in while others are kept out of the account. A secret of the user. Null: keep what there is.
   */
  readonly device: string | null
}

/**
 * Signs users in by name and password. Every try is counted before the password is looked at. A wrong password, an
 * unknown or disabled user and an account that takes no tries at the moment get the same answer; the first three in the
 * same time too.
 */
export class PasswordSignIn {
  readonly #users: UserStore
  readonly #throttle: SignInThrottle
  readonly #hasher: PasswordHasher
  readonly #failures: FailureTrail | undefined
  readonly #count: Counter
  readonly #logger: Logger
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
  constructor(options: PasswordSignInOptions) {
    const given = withDefaults(options, DEFAULTS)
    const { audit, hasher = new PasswordHasher(), logger, clock } = given
    this.#users = requireMethods('users', given.users, ['credentialsOf', 'recordSignIn'])
    this.#throttle = requireMethods('throttle', given.throttle, ['reserve', 'succeed', 'release'])
    this.#hasher = requireMethods('hasher', hasher, ['hash', 'verify'])
    this.#count = given.metrics.counter(METRICS.signIns)
    this.#logger = logger
    this.#clock = clock
    this.#failures =
      audit &&
      new FailureTrail({
        trail: requireMethods('audit', audit, ['write']),
        tenantId: given.auditTenantId,
        intervalMs: given.auditIntervalMs,
        maxEntries: given.maxAuditEntries,
        logger,
        clock,
      })
  }

  /**
   * Signs a user in, with a hash of the password in the parameters in force from now on.
   * @throws SignInError `SIGN_IN_REFUSED`; `SIGN_IN_THROTTLED` (retryable) with `details.retryAfterMs`;
   * `SIGN_IN_UNAVAILABLE` (retryable) where tries cannot be counted. SecurityError `PASSWORD_BUSY` (retryable).
   * StorageError of the user store by code. TimeError `ABORTED`. InvalidOptionError `INVALID_OPTION` on an address or a
   * request id that is no text.
   */
  async signIn(request: SignInRequest): Promise<SignedInUser> {
    const reservation = await this.#reserve(request)
    const credentials = await this.#releasing(reservation, () => this.#users.credentialsOf(request.name))
    const isRight = await this.#releasing(reservation, () => this.#verify(request, credentials))
    if (credentials === undefined || !isRight)
      throw this.#refuse(request, 'wrong-password', credentials?.user)
    if (credentials.user.disabledAt !== null) throw this.#refuse(request, 'disabled', credentials.user)
    const rehashed = await this.#rehash(request, credentials)
    const user = await this.#releasing(reservation, () =>
      this.#users.recordSignIn({ credentials, rehashed, requestId: request.requestId }),
    )
    if (user === undefined) throw this.#refuse(request, 'disabled', credentials.user)
    const device = await this.#succeed(reservation, request.device)
    this.#count.increment({ outcome: 'signed-in' })
    return { user, device }
  }

  /**
   * Writes the failures that have been gathered, within `drainTimeoutMs`. Call it before the process ends; again it writes
   * what has come since.
   * @throws InvalidOptionError `INVALID_OPTION` on a time out of its range.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const timeoutMs = requireDrainTimeout(options)
    try {
      await withDeadline({ timeoutMs, clock: this.#clock }, async () => this.#failures?.flush())
    } catch (error) {
      this.#logger.error({ err: error }, 'failed sign-ins were not all recorded in the audit log')
    }
  }

  /** As {@link PasswordSignIn.close} does, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #reserve(request: SignInRequest): Promise<TryReservation> {
    const answer = await this.#throttle.reserve(request).catch((error: unknown) => {
      if (!isGoldenError(error, 'KEY_VALUE_UNAVAILABLE')) throw error
      this.#count.increment({ outcome: 'unavailable' })
      this.#logger.error({ err: error }, 'a sign-in was refused, as tries cannot be counted')
      const message = 'signing in is not possible at the moment'
      throw new SignInError({ code: 'SIGN_IN_UNAVAILABLE', message, retryable: true, cause: error })
    })
    if (answer.outcome === 'reserved') return answer.reservation
    const { cause, retryAfterMs } = answer
    const refusal = this.#refuse(request, cause, undefined)
    if (cause !== 'address-limit') throw refusal
    const message = 'too many failed sign-ins from this address'
    throw new SignInError({ code: 'SIGN_IN_THROTTLED', message, retryable: true, details: { retryAfterMs } })
  }

  /** What fails for another reason than a wrong password is no failed try, save for a caller who has gone away. */
  async #releasing<T>(reservation: TryReservation, step: () => Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (error) {
      if (!isGoldenError(error, 'ABORTED')) await this.#release(reservation)
      throw error
    }
  }

  async #release(reservation: TryReservation): Promise<void> {
    this.#count.increment({ outcome: 'unavailable' })
    await this.#throttle.release(reservation).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'a try to sign in goes on counting as failed')
    })
  }

  async #verify(
    { password, signal }: SignInRequest,
    credentials: UserCredentials | undefined,
  ): Promise<boolean> {
    const options = { signal }
    const stored = credentials?.passwordHash ?? undefined
    try {
      return await this.#hasher.verify(password, stored, options)
    } catch (error) {
      if (!isGoldenError(error, 'PASSWORD_HASH_INVALID')) throw error
      this.#logger.error(
        { err: error, userId: credentials?.user.userId },
        'a stored password hash cannot be used',
      )
      return this.#hasher.verify(password, undefined, options)
    }
  }

  async #rehash(
    { password }: SignInRequest,
    { user, passwordHash }: UserCredentials,
  ): Promise<string | undefined> {
    if (passwordHash === null || !this.#hasher.needsRehash(passwordHash)) return undefined
    try {
      return await this.#hasher.hash(password)
    } catch (error) {
      this.#logger.warn({ err: error, userId: user.userId }, 'a password could not be hashed anew')
      return undefined
    }
  }

  async #succeed(reservation: TryReservation, device: string | undefined): Promise<string | null> {
    try {
      return await this.#throttle.succeed(reservation, device)
    } catch (error) {
      this.#logger.warn({ err: error }, 'a successful sign-in goes on counting as failed')
      return null
    }
  }

  #refuse(
    { name, requestId }: SignInRequest,
    cause: SignInFailureCause,
    user: User | undefined,
  ): SignInError {
    this.#count.increment({ outcome: cause })
    this.#failures?.note({
      cause,
      account: this.#throttle.accountKey(name),
      ...(user === undefined ? {} : { user }),
      ...(requestId === undefined ? {} : { requestId }),
    })
    return new SignInError({ code: 'SIGN_IN_REFUSED', message: 'unknown user or wrong password' })
  }
}
