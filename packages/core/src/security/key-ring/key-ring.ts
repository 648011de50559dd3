import { withDeadline } from '../../time/index.ts'
import { PolledSnapshot, type Snapshot } from '../polled-snapshot.ts'
import { SecurityError } from '../security-error.ts'
import type { SigningKeyPair } from '../token/signing-key.ts'
import type { PublishedKeys, SigningKeys, VerificationKeys } from '../token/token-keys.ts'
import { importPublicKey, type VerificationKey } from '../token/verification-key.ts'
import { KeyEncryption } from './key-encryption.ts'
import {
  type KeyRingOptions,
  type ResolvedKeyRingOptions,
  resolveKeyRingOptions,
} from './key-ring-options.ts'
import type { KeyRecord, KeyRingChange, KeyRingContents, KeyRingStore } from './key-ring-store.ts'
import { type KeyState, keyStates } from './key-state.ts'
import { makeKey, openKey, provenKey } from './make-key.ts'
import { planRotation, type RotationStep } from './plan-rotation.ts'

/** Milliseconds that a change of the ring may wait for the store and for other changes. */
const CHANGE_TIMEOUT_MS = 10_000

/** A key of a ring, and what it may do. */
export interface KeyListing {
  readonly keyId: string
  readonly algorithm: string
  readonly state: KeyState
}

/** What a call of `rotateIfDue` has done. */
export interface KeyRotation {
  /** Ids of the keys that it made: none as a rule, never more than one. */
  readonly created: readonly string[]
}

/**
 * The keys of our own issuer, in a store that all processes share: next, active, previous, retired. Call
 * {@link KeyRing.rotateIfDue} now and then (once a minute, in any number of processes); the first use makes the first key.
 */
export class KeyRing implements SigningKeys, VerificationKeys {
  readonly #options: ResolvedKeyRingOptions
  readonly #encryption: KeyEncryption
  readonly #snapshot: PolledSnapshot<KnownContents>
  readonly #signing = new Map<string, SigningKeyPair>()
  readonly #verifying = new Map<string, VerificationKey>()
  #strangers = ''
  /** Whether there was ever a key with proof: then the key-encryption keys are those of this store, whatever lies there now. */
  #isOurs = false

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option, such as a key-encryption key that is not random. */
  constructor(options: KeyRingOptions) {
    this.#options = resolveKeyRingOptions(options)
    this.#encryption = new KeyEncryption(options.keyEncryptionKeys)
    const { store, refreshAfterMs, staleAfterMs, timeoutMs, clock, logger } = this.#options
    this.#snapshot = new PolledSnapshot({
      load: async () => this.#known(await store.load()),
      refreshAfterMs,
      staleAfterMs,
      timeoutMs,
      clock,
      onFailure: (error) => logger.error({ err: error }, 'key ring not read'),
    })
  }

  /** The greatest lifetime in seconds of a token that the ring keeps its keys for. */
  get maxTokenLifetimeSeconds(): number {
    return this.#options.maxTokenLifetimeSeconds
  }

  /**
   * The active key; made where there is none.
   * @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where the store cannot be read, `SIGNING_KEY_INVALID`
   * where none of the key-encryption keys opens the key, or where the store has keys that may be in use and none of them was
   * made under these key-encryption keys: one of our own would be refused by everybody who has the others.
   */
  async signingKey(): Promise<SigningKeyPair> {
    const found = this.#active(await this.#contents())
    if (found !== undefined) return this.#open(found)
    const rotated = await this.#afterRotation()
    const made = this.#active(rotated)
    if (made !== undefined) return this.#open(made)
    throw rotated.value.areOthers
      ? invalid('no key-encryption key made the keys of the store')
      : unavailable(undefined)
  }

  /**
   * The key with that id while it is next, active or previous.
   * @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where the store could not be read for `staleAfterMs`.
   */
  verificationKey(keyId: string): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const snapshot = this.#snapshot.get()
    if (snapshot instanceof Promise) return this.#verificationKeyLater(snapshot, keyId)
    return this.#verificationKeyIn(snapshot, keyId)
  }

  /**
   * The public keys that are next, active or previous, for `/.well-known/jwks.json`.
   * @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable) where the store cannot be read.
   */
  async jwks(): Promise<PublishedKeys> {
    const { keys, states } = this.#statesIn(await this.#contents())
    const published = keys.filter(({ keyId }) => verifies(states.get(keyId)))
    return {
      jwks: { keys: published.map(({ publicJwk }) => publicJwk) },
      maxAgeSeconds: this.#options.jwksMaxAgeSeconds,
    }
  }

  /** All keys that are not forgotten, in the order in which they sign. @throws SecurityError `TOKEN_KEYS_UNAVAILABLE` (retryable). */
  async list(): Promise<readonly KeyListing[]> {
    const { keys, states } = this.#statesIn(await this.#contents())
    return [...states].map(([keyId, state]) => {
      // Each state is that of a key of the same list.
      const { algorithm } = keys.find((key) => key.keyId === keyId) as KeyRecord
      return { keyId, algorithm, state }
    })
  }

  /**
   * Makes the next key where it is time (never where `signingKey` throws `SIGNING_KEY_INVALID`), wipes private keys that are retired, and forgets what was retired 30 days ago.
   * Safe in all processes at once: one key is made. A process that dies in it leaves the ring as it was.
   * @throws StorageError by code. TimeError `DEADLINE_EXCEEDED` after 10 seconds.
   */
  async rotateIfDue(): Promise<KeyRotation> {
    const { keys, now } = await this.#withDeadline(() => this.#options.store.load())
    const steps = this.#plan(this.#known({ keys, now }))
    if (steps.length === 0 || steps.every((step) => isIdle(step, keys))) return { created: [] }
    // Made before the ring is held, as it takes a while; another process may have been faster, then it is thrown away.
    const isKeyNeeded = steps.some(({ kind }) => kind === 'create')
    const made = isKeyNeeded ? await makeKey(this.#options.algorithm, this.#encryption) : undefined
    return this.#rotate(made, false)
  }

  /**
   * Makes a next key though none is due; it signs `publishAheadMs` from now. Without effect while there is a next key.
   * @throws StorageError by code. TimeError `DEADLINE_EXCEEDED` after 10 seconds.
   */
  async rotate(): Promise<KeyRotation> {
    return this.#rotate(await makeKey(this.#options.algorithm, this.#encryption), true)
  }

  /**
   * Revokes a key in any state: within `staleAfterMs` no process signs with it or accepts its tokens. Where it was the
   * active one, the next key signs at once, or a new one. Without effect on a key that is revoked already.
   * @throws SecurityError `KEY_UNKNOWN` where the ring has no such key. StorageError by code. TimeError
   * `DEADLINE_EXCEEDED` after 10 seconds.
   */
  async revoke(keyId: string): Promise<void> {
    await this.#change(({ keys, now }) => {
      const key = keys.find((one) => one.keyId === keyId)
      if (key === undefined)
        throw new SecurityError({ code: 'KEY_UNKNOWN', message: 'the ring has no such key' })
      return key.revokedAt === undefined ? [{ kind: 'revoke', keyId, revokedAt: now }] : []
    })
    this.#options.logger.warn({ keyId }, 'signing key revoked')
    await this.rotateIfDue()
    await this.#snapshot.refresh().catch(() => {})
  }

  async #rotate(made: Omit<KeyRecord, 'activateAt'> | undefined, isForced: boolean): Promise<KeyRotation> {
    const { policy, logger } = this.#options
    let created: string[] = []
    await this.#change(({ keys, now }) => {
      const known = this.#known({ keys, now })
      const steps = [...this.#plan(known)]
      const hasNext = [...keyStates(known.keys, now, policy.keepPreviousMs).values()].some(
        ({ status }) => status === 'next',
      )
      if (isForced && !known.areOthers && !hasNext && !steps.some(({ kind }) => kind === 'create')) {
        steps.push({ kind: 'create', activateAt: new Date(now.getTime() + policy.publishAheadMs) })
      }
      const changes = steps.flatMap((step): readonly KeyRingChange[] => {
        if (step.kind !== 'create') return isIdle(step, keys) ? [] : [step]
        return made === undefined ? [] : [{ kind: 'add', key: { ...made, activateAt: step.activateAt } }]
      })
      created = changes.flatMap((change) => (change.kind === 'add' ? [change.key.keyId] : []))
      return changes
    })
    for (const keyId of created) logger.info({ keyId }, 'signing key made')
    await this.#snapshot.refresh().catch(() => {})
    return { created }
  }

  #change(decide: Parameters<KeyRingStore['change']>[0]): Promise<KeyRingContents> {
    return this.#withDeadline(() => this.#options.store.change(decide))
  }

  /** A change that is given up may be done all the same: the next look at the ring tells. */
  #withDeadline<T>(call: () => Promise<T>): Promise<T> {
    return withDeadline({ timeoutMs: CHANGE_TIMEOUT_MS, clock: this.#options.clock }, call)
  }

  #plan({ keys, now, areOthers }: KnownContents): readonly RotationStep[] {
    return areOthers ? [] : planRotation(keys, now, this.#options.policy)
  }

  /** The contents without keys that somebody else has put there. */
  #known(contents: KeyRingContents): KnownContents {
    const keys = contents.keys.flatMap((key) => provenKey(key, this.#encryption) ?? [])
    const strangers = contents.keys.filter(({ keyId }) => !keys.some((key) => key.keyId === keyId))
    this.#reportStrangers(strangers)
    this.#isOurs ||= keys.length > 0
    const states = keyStates(strangers, contents.now, this.#options.policy.keepPreviousMs)
    const areOthers = !this.#isOurs && [...states.values()].some(verifies)
    for (const keyId of this.#verifying.keys()) {
      if (!keys.some((key) => key.keyId === keyId)) this.#verifying.delete(keyId)
    }
    return { keys, now: contents.now, areOthers }
  }

  /** Once for each list of them, as the store is read every few seconds. */
  #reportStrangers(strangers: readonly KeyRecord[]): void {
    const keyIds = strangers.map(({ keyId }) => keyId)
    const list = keyIds.join(' ')
    if (list !== '' && list !== this.#strangers) {
      this.#options.logger.error({ keyIds }, 'keys without proof are left out of the key ring')
    }
    this.#strangers = list
  }

  /** Read anew whoever made the key: another process may have, a moment ago. */
  async #afterRotation(): Promise<Snapshot<KnownContents>> {
    try {
      await this.rotateIfDue()
      return await this.#snapshot.refresh()
    } catch (error) {
      throw unavailable(error)
    }
  }

  async #contents(): Promise<Snapshot<KnownContents>> {
    try {
      return await this.#snapshot.get()
    } catch (error) {
      throw unavailable(error)
    }
  }

  #statesIn({ value: { keys, now }, startedMs }: Snapshot<KeyRingContents>): StatesOfKeys {
    const passedMs = this.#options.clock.monotonicMs() - startedMs
    const at = new Date(now.getTime() + passedMs)
    return { keys, states: keyStates(keys, at, this.#options.policy.keepPreviousMs) }
  }

  #active(snapshot: Snapshot<KeyRingContents>): KeyRecord | undefined {
    const { keys, states } = this.#statesIn(snapshot)
    return keys.find(({ keyId }) => states.get(keyId)?.status === 'active')
  }

  async #open(record: KeyRecord): Promise<SigningKeyPair> {
    const known = this.#signing.get(record.keyId)
    if (known !== undefined) return known
    const key = await openKey(record, this.#encryption)
    if (key === undefined) throw invalid('no key-encryption key opens the signing key')
    // One signs at a time: what signed before is let go.
    this.#signing.clear()
    this.#signing.set(record.keyId, key)
    return key
  }

  async #verificationKeyLater(
    snapshot: Promise<Snapshot<KeyRingContents>>,
    keyId: string,
  ): Promise<VerificationKey | undefined> {
    const read = await snapshot.catch((error: unknown) => {
      throw unavailable(error)
    })
    return this.#verificationKeyIn(read, keyId)
  }

  #verificationKeyIn(
    snapshot: Snapshot<KeyRingContents>,
    keyId: string,
  ): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    const { keys, states } = this.#statesIn(snapshot)
    if (!verifies(states.get(keyId))) return undefined
    const known = this.#verifying.get(keyId)
    if (known !== undefined) return known
    const record = keys.find((key) => key.keyId === keyId)
    return record && this.#import(record)
  }

  async #import({ keyId, algorithm, publicJwk }: KeyRecord): Promise<VerificationKey> {
    const key = await importPublicKey({ keyId, algorithm, members: publicJwk })
    this.#verifying.set(keyId, key)
    return key
  }
}

/** The keys with proof. */
interface KnownContents extends KeyRingContents {
  /** Whether all keys that may be in use were made under key-encryption keys that we have not, and none was ever ours. */
  readonly areOthers: boolean
}

interface StatesOfKeys {
  readonly keys: readonly KeyRecord[]
  readonly states: ReadonlyMap<string, KeyState>
}

function verifies(state: KeyState | undefined): boolean {
  return state !== undefined && state.status !== 'retired'
}

/** Whether a step changes nothing: a private half that is wiped already. */
function isIdle(
  step: { readonly kind: string; readonly keyId?: string | undefined },
  keys: readonly KeyRecord[],
): boolean {
  if (step.kind !== 'wipe') return false
  return keys.find((key) => key.keyId === step.keyId)?.sealedPrivateKey === undefined
}

function invalid(message: string): SecurityError {
  return new SecurityError({ code: 'SIGNING_KEY_INVALID', message })
}

function unavailable(cause: unknown): SecurityError {
  return new SecurityError({
    code: 'TOKEN_KEYS_UNAVAILABLE',
    message: 'the keys of tokens cannot be read',
    retryable: true,
    cause,
  })
}
