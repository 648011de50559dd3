import { requireInteger, requireMethods, requireOneOf, withDefaults } from '../../errors/index.ts'
import { type Logger, silentLogger } from '../../observability/index.ts'
import { type Clock, systemClock } from '../../time/index.ts'
import { type PollingTimes, resolvePollingTimes } from '../polling-times.ts'
import { KEY_PAIR_ALGORITHMS, type KeyPairAlgorithm } from '../token/signing-algorithm.ts'
import type { KeyRingStore } from './key-ring-store.ts'
import type { RotationPolicy } from './plan-rotation.ts'

/** What a `KeyRing` is made of. */
export interface KeyRingOptions {
  /** Where keys are kept, the private ones sealed. */
  readonly store: KeyRingStore
  /**
   * 32 random bytes each, 1 to 8 of them: the first seals private keys, all open them. To change it put the new one
   * first, and leave the old one until its last key is retired.
   */
  readonly keyEncryptionKeys: readonly Uint8Array[]
  /** How new keys sign. Default `'RS256'` with 3072 bits. */
  readonly algorithm?: KeyPairAlgorithm | undefined
  /** Milliseconds for which a key signs, at least twice `publishAheadMs`, at most 31622400000 (366 days). Default 2592000000 (30 days). */
  readonly rotateAfterMs?: number | undefined
  /**
   * Milliseconds for which a key is published before it signs: at least `jwksMaxAgeSeconds` and a minute, at most
   * 604800000 (7 days). Default 900000 (15 minutes): more than verifiers keep a key set as a rule.
   */
  readonly publishAheadMs?: number | undefined
  /** Greatest lifetime of a token in seconds, 1 to 86400: for so long, and for what clocks differ, a key is kept that signs no more. Default 900 (15 minutes). */
  readonly maxTokenLifetimeSeconds?: number | undefined
  /** Seconds for which others may keep the JWK Set, 1 to 3600. Default 300 (5 minutes). */
  readonly jwksMaxAgeSeconds?: number | undefined
  /** Milliseconds after which the store is read anew, 100 to 60000. Default 2000. */
  readonly refreshAfterMs?: number | undefined
  /**
   * Milliseconds after which what was read counts no more, not less than `refreshAfterMs`, at most 300000: within this
   * time a revoked key is refused everywhere, and for so long a store may be down unnoticed. Default 5000.
   */
  readonly staleAfterMs?: number | undefined
  /** Milliseconds that reading the store may take, 100 to `staleAfterMs`. Default 2000. */
  readonly timeoutMs?: number | undefined
  /** Told of rotations, of keys that nobody can open, and of a store that cannot be read. Default: none. */
  readonly logger?: Logger | undefined
  /** Measures durations; instants are the store's. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** Options of a key ring, complete. */
export interface ResolvedKeyRingOptions extends PollingTimes {
  readonly store: KeyRingStore
  readonly algorithm: KeyPairAlgorithm
  readonly policy: RotationPolicy
  readonly maxTokenLifetimeSeconds: number
  readonly jwksMaxAgeSeconds: number
  readonly logger: Logger
  readonly clock: Clock
}

/** The widest tolerance that a verifier of ours takes. */
const CLOCK_TOLERANCE_MS = 60_000
const DEFAULTS = Object.freeze({
  store: undefined,
  keyEncryptionKeys: undefined,
  algorithm: 'RS256',
  rotateAfterMs: 2_592_000_000,
  publishAheadMs: undefined,
  maxTokenLifetimeSeconds: 900,
  jwksMaxAgeSeconds: 300,
  refreshAfterMs: undefined,
  staleAfterMs: undefined,
  timeoutMs: undefined,
  logger: silentLogger,
  clock: systemClock,
} as const)

const FORGET_AFTER_MS = 2_592_000_000

/** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range. */
export function resolveKeyRingOptions(options: KeyRingOptions): ResolvedKeyRingOptions {
  const given = withDefaults(options, DEFAULTS)
  requireMethods('store', given.store, ['load', 'change'])
  const maxAge = requireInteger('jwksMaxAgeSeconds', given.jwksMaxAgeSeconds, { min: 1, max: 3600 })
  const lifetime = requireInteger('maxTokenLifetimeSeconds', given.maxTokenLifetimeSeconds, {
    min: 1,
    max: 86_400,
  })
  const times = resolvePollingTimes(given)
  const publishAheadMs = requireInteger(
    'publishAheadMs',
    given.publishAheadMs ?? Math.max(900_000, maxAge * 1000 + 60_000),
    {
      min: maxAge * 1000 + 60_000,
      max: 604_800_000,
    },
  )
  const rotateAfterMs = requireInteger('rotateAfterMs', given.rotateAfterMs, {
    min: publishAheadMs * 2,
    max: 31_622_400_000,
  })
  return {
    store: given.store,
    algorithm: requireOneOf('algorithm', given.algorithm, KEY_PAIR_ALGORITHMS),
    policy: {
      rotateAfterMs,
      publishAheadMs,
      // Another process may sign with it until it has read the store again.
      keepPreviousMs: lifetime * 1000 + CLOCK_TOLERANCE_MS + times.staleAfterMs,
      forgetAfterMs: FORGET_AFTER_MS,
    },
    maxTokenLifetimeSeconds: lifetime,
    jwksMaxAgeSeconds: maxAge,
    ...times,
    logger: given.logger,
    clock: given.clock,
  }
}
