import {
  InvalidOptionError,
  requireInteger,
  requireMethods,
  requireTenantId,
  requireText,
  withDefaults,
} from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import { type Clock, systemClock, withDeadline } from '../../time/index.ts'
import { PolledSnapshot, type Snapshot } from '../polled-snapshot.ts'
import { resolvePollingTimes } from '../polling-times.ts'
import { SecurityError } from '../security-error.ts'
import type { TokenClaims } from '../token/token-claims.ts'
import type { RevocationCheck } from '../token/token-verifier-options.ts'
import { EXPIRY_MARGIN_MS, RevocationIndex } from './revocation-index.ts'
import type { Revocation, RevocationStore } from './revocation-store.ts'

/** What a {@link TokenRevocations} is made of. */
export interface TokenRevocationsOptions {
  /** Where revocations are kept. */
  readonly store: RevocationStore
  /** Greatest lifetime of any token in seconds, 1 to 86400: for so long a subject's revocation is kept. Default 86400. */
  readonly maxTokenLifetimeSeconds?: number | undefined
  /** Milliseconds after which the store is read anew, 100 to 60000. Default 2000. */
  readonly refreshAfterMs?: number | undefined
  /**
   * Milliseconds after which what was read counts no more, not less than `refreshAfterMs`, at most 300000: within this
   * time a revocation holds in every process. Where the store cannot be read for longer, no token is accepted. Default 5000.
   */
  readonly staleAfterMs?: number | undefined
  /** Milliseconds that reading may take, 100 to `staleAfterMs`. Default 2000. */
  readonly timeoutMs?: number | undefined
  /**
   * Most revoked tokens and subjects in memory, 100 to 10000000. Default 200000 (about 40 MB). Beyond it those that expire
   * first are let go, and every token that expires as early is refused. Revoked keys are not counted.
   */
  readonly maxEntries?: number | undefined
  /** Told of a store that cannot be read. Default: none. */
  readonly logger?: Logger | undefined
  /** Measures durations; instants are the store's. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** Who a revocation is about. */
export interface RevokedSubject {
  readonly tenantId: string
  readonly subject: string
  /** Tokens issued then or before are refused. Default the store's present time. */
  readonly issuedBefore?: Date | undefined
}

interface KnownRevocations {
  readonly index: RevocationIndex
  readonly sequence: bigint
}

const DEFAULTS = Object.freeze({
  store: undefined,
  maxTokenLifetimeSeconds: 86_400,
  refreshAfterMs: undefined,
  staleAfterMs: undefined,
  timeoutMs: undefined,
  maxEntries: 200_000,
  logger: silentLogger,
  clock: systemClock,
})

const PAGE_LENGTH = 5000
/** Milliseconds that a revocation may wait for the store; given up, it is to be asked for again. */
const ADD_TIMEOUT_MS = 10_000

/**
 * Revokes access tokens before they expire, in every process that shares the store, within `staleAfterMs`. A token says
 * when it was issued in whole seconds: one issued in the very second of its subject's revocation is refused too.
 */
export class TokenRevocations implements RevocationCheck {
  readonly #store: RevocationStore
  readonly #lifetimeMs: number
  readonly #snapshot: PolledSnapshot<KnownRevocations>
  readonly #maxEntries: number
  readonly #logger: Logger
  readonly #clock: Clock

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: TokenRevocationsOptions) {
    const given = withDefaults(options, DEFAULTS)
    const { store, maxTokenLifetimeSeconds: lifetime, maxEntries, logger, clock } = given
    this.#store = requireMethods('store', store, ['add', 'readAfter'])
    this.#logger = logger
    this.#clock = clock
    this.#lifetimeMs = requireInteger('maxTokenLifetimeSeconds', lifetime, { min: 1, max: 86_400 }) * 1000
    this.#maxEntries = requireInteger('maxEntries', maxEntries, { min: 100, max: 10_000_000 })
    this.#snapshot = new PolledSnapshot({
      load: (last) => this.#load(last),
      ...resolvePollingTimes(given),
      clock,
      onFailure: (error) => logger.error({ err: error }, 'revocations not read'),
    })
  }

  /**
   * Revokes one token, as at sign-out.
   * @throws InvalidOptionError `INVALID_OPTION` on claims that are none. StorageError by code. TimeError `DEADLINE_EXCEEDED` after 10 seconds.
   */
  async revokeToken(claims: Pick<TokenClaims, 'tenantId' | 'tokenId' | 'expiresAt'>): Promise<void> {
    const tenantId = requireTenantId(claims.tenantId)
    const tokenId = requireText('tokenId', claims.tokenId, 128)
    const expiresAt = new Date(requireInstant('expiresAt', claims.expiresAt).getTime() + EXPIRY_MARGIN_MS)
    await this.#add(() => ({ kind: 'token', tenantId, tokenId, expiresAt }))
    await this.#readOwn()
  }

  /**
   * Revokes all tokens of a subject that are issued by now: a user who is disabled, or changed the password.
   * @throws InvalidOptionError `INVALID_OPTION` on ids that are none. StorageError by code. TimeError `DEADLINE_EXCEEDED` after 10 seconds.
   */
  async revokeSubject(subject: RevokedSubject): Promise<void> {
    const tenantId = requireTenantId(subject.tenantId)
    const id = requireText('subject', subject.subject)
    const given = subject.issuedBefore && requireInstant('issuedBefore', subject.issuedBefore)
    await this.#add((now) => {
      const issuedBefore = given ?? now
      const expiresAt = new Date(issuedBefore.getTime() + this.#lifetimeMs + EXPIRY_MARGIN_MS)
      return { kind: 'subject', tenantId, subject: id, issuedBefore, expiresAt }
    })
    await this.#readOwn()
  }

  /**
   * Revokes all tokens of a key for good, such as a key of a configuration or of a foreign issuer; a key of a `KeyRing` is
   * revoked there.
   * @throws InvalidOptionError `INVALID_OPTION` on an id that is none. StorageError by code. TimeError `DEADLINE_EXCEEDED` after 10 seconds.
   */
  async revokeKey(keyId: string): Promise<void> {
    const id = requireText('keyId', keyId)
    await this.#add(() => ({ kind: 'key', keyId: id }))
    this.#logger.warn({ keyId: id }, 'key of tokens revoked')
    await this.#readOwn()
  }

  /**
   * Whether a token with those claims is revoked.
   * @throws SecurityError `TOKEN_REVOCATIONS_UNAVAILABLE` (retryable) where the store could not be read for `staleAfterMs`.
   */
  isRevoked(claims: TokenClaims): boolean | Promise<boolean> {
    const snapshot = this.#snapshot.get()
    return snapshot instanceof Promise
      ? isRevokedLater(snapshot, claims)
      : snapshot.value.index.isRevoked(claims)
  }

  #add(make: (now: Date) => Revocation): Promise<void> {
    return withDeadline({ timeoutMs: ADD_TIMEOUT_MS, clock: this.#clock }, () => this.#store.add(make))
  }

  /** The revocation stands in the store; a failure to read it back here concerns later calls only. */
  async #readOwn(): Promise<void> {
    await this.#snapshot.refresh().catch(() => {})
  }

  async #load(last: KnownRevocations | undefined): Promise<KnownRevocations> {
    const index = last?.index ?? new RevocationIndex(this.#maxEntries)
    let sequence = last?.sequence ?? 0n
    for (;;) {
      const page = await this.#store.readAfter(sequence, PAGE_LENGTH)
      index.add(page.revocations, page.now)
      sequence = page.sequence
      if (!page.hasMore) return { index, sequence }
    }
  }
}

async function isRevokedLater(
  snapshot: Promise<Snapshot<KnownRevocations>>,
  claims: TokenClaims,
): Promise<boolean> {
  const { value } = await snapshot.catch((cause: unknown) => {
    const message = 'the revocations of tokens cannot be read'
    throw new SecurityError({ code: 'TOKEN_REVOCATIONS_UNAVAILABLE', message, retryable: true, cause })
  })
  return value.index.isRevoked(claims)
}

function requireInstant(option: string, value: unknown): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime()))
    throw new InvalidOptionError(option, 'a valid Date', value)
  return value
}
