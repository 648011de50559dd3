import { InvalidOptionError, requireInteger, requireText } from '../../errors/index.ts'
import type { Logger } from '../../observability/index.ts'
import { type Clock, withDeadline } from '../../time/index.ts'
import { SecurityError } from '../security-error.ts'
import type { VerificationKeys } from '../token/token-keys.ts'
import { importPublicKey, type VerificationKey } from '../token/verification-key.ts'
import { fetchJson } from './fetch-json.ts'
import type { ForeignIssuerOptions } from './foreign-issuer-options.ts'
import { readKeySet, type UsableKeys } from './read-key-set.ts'

/** What was fetched last, and when. */
interface FetchedKeys {
  readonly usable: UsableKeys
  readonly atMs: number
  readonly imported: Map<string, VerificationKey>
}

/** A fetch that failed is tried again sooner than one that brought no such key. */
const RETRY_AFTER_MS = 5000
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * The JWK Set of a foreign issuer, fetched from the configured address alone when it is needed: one fetch at a time, no
 * redirect, bounded in time and size. Where a fetch fails, the last good set holds for `staleIfErrorMs`.
 */
export class RemoteKeySet implements VerificationKeys {
  readonly #url: string
  readonly #options: ForeignIssuerOptions
  readonly #bounds: RemoteBounds
  readonly #logger: Logger
  readonly #clock: Clock
  #fetched: FetchedKeys | undefined
  #attempt: { readonly atMs: number; readonly error?: unknown } | undefined
  #fetching: Promise<void> | undefined

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad address or bound. */
  constructor(
    options: ForeignIssuerOptions,
    { logger, clock }: { readonly logger: Logger; readonly clock: Clock },
  ) {
    this.#url = requireAddress(options.jwksUrl, options.allowLoopbackHttp ?? false)
    this.#options = options
    this.#bounds = resolveBounds(options)
    this.#logger = logger
    this.#clock = clock
  }

  /**
   * The key with that id. A key id not known makes a fetch at most once in `cooldownMs`.
   * @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where the set cannot be fetched.
   */
  async verificationKey(keyId: string): Promise<VerificationKey | undefined> {
    if (this.#isFetchDue(keyId)) await this.#fetch()
    const fetched = this.#fetched
    const failure = this.#attempt?.error
    const ageMs = fetched === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() - fetched.atMs
    if (fetched === undefined || ageMs > this.#bounds.staleIfErrorMs) throw unavailable(failure)
    const key = fetched.imported.get(keyId) ?? (await importInto(fetched, keyId))
    // The set may hold that key by now: nobody can say.
    if (key === undefined && failure !== undefined) throw unavailable(failure)
    return key
  }

  #isFetchDue(keyId: string): boolean {
    const nowMs = this.#clock.monotonicMs()
    const { cooldownMs, refreshAfterMs } = this.#bounds
    if (this.#fetching !== undefined) return !this.#isUsable(keyId, nowMs)
    const restMs = this.#attempt?.error === undefined ? cooldownMs : Math.min(cooldownMs, RETRY_AFTER_MS)
    if (this.#attempt !== undefined && nowMs - this.#attempt.atMs < restMs) return false
    return (
      this.#fetched === undefined ||
      nowMs - this.#fetched.atMs > refreshAfterMs ||
      !this.#fetched.usable.has(keyId)
    )
  }

  #isUsable(keyId: string, nowMs: number): boolean {
    const fetched = this.#fetched
    if (fetched === undefined || nowMs - fetched.atMs > this.#bounds.refreshAfterMs) return false
    return fetched.usable.has(keyId)
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetchOnce(): Promise<void> {
    const { timeoutMs, maxBytes } = this.#bounds
    const atMs = this.#clock.monotonicMs()
    try {
      const value = await withDeadline({ timeoutMs, clock: this.#clock }, (signal) =>
        fetchJson(this.#url, { fetch: this.#options.fetch ?? fetch, maxBytes, signal }),
      )
      const usable = readKeySet(value, this.#options.algorithms)
      this.#fetched = { usable, atMs, imported: new Map() }
      this.#attempt = { atMs }
    } catch (error) {
      this.#attempt = { atMs, error }
      this.#logger.warn({ err: error, issuer: this.#options.issuer }, 'keys of a foreign issuer not fetched')
    }
  }
}

async function importInto(
  { usable, imported }: FetchedKeys,
  keyId: string,
): Promise<VerificationKey | undefined> {
  const checked = usable.get(keyId)
  if (checked === undefined) return undefined
  // A key whose numbers are none verifies nothing.
  const key = await importPublicKey(checked).catch(() => undefined)
  if (key !== undefined) imported.set(keyId, key)
  return key
}

interface RemoteBounds {
  readonly timeoutMs: number
  readonly refreshAfterMs: number
  readonly cooldownMs: number
  readonly staleIfErrorMs: number
  readonly maxBytes: number
}

function resolveBounds(options: ForeignIssuerOptions): RemoteBounds {
  const { timeoutMs = 5000, refreshAfterMs = 600_000, cooldownMs = 30_000, maxBytes = 65_536 } = options
  const { staleIfErrorMs = Math.max(3_600_000, refreshAfterMs) } = options
  return {
    timeoutMs: requireInteger('foreignIssuers.timeoutMs', timeoutMs, { min: 100, max: 30_000 }),
    refreshAfterMs: requireInteger('foreignIssuers.refreshAfterMs', refreshAfterMs, {
      min: 1000,
      max: 86_400_000,
    }),
    cooldownMs: requireInteger('foreignIssuers.cooldownMs', cooldownMs, { min: 1000, max: 3_600_000 }),
    staleIfErrorMs: requireInteger('foreignIssuers.staleIfErrorMs', staleIfErrorMs, {
      min: refreshAfterMs,
      max: 86_400_000,
    }),
    maxBytes: requireInteger('foreignIssuers.maxBytes', maxBytes, { min: 1024, max: 1_048_576 }),
  }
}

function requireAddress(address: string, isLoopbackAllowed: boolean): string {
  const text = requireText('foreignIssuers.jwksUrl', address, 2048)
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isAllowed =
    url !== undefined &&
    (url.protocol === 'https:' ||
      (isLoopbackAllowed && url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
  if (!isAllowed || url.username !== '' || url.password !== '' || url.hash !== '')
    throw new InvalidOptionError(
      'foreignIssuers.jwksUrl',
      'an https address without user and fragment',
      address,
    )
  return url.href
}

function unavailable(cause: unknown): SecurityError {
  return new SecurityError({
    code: 'TOKEN_KEYS_UNAVAILABLE',
    message: 'the keys of a foreign issuer cannot be fetched',
    retryable: true,
    cause,
  })
}
