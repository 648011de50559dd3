import { hkdfSync, randomBytes } from 'node:crypto'
import { isGoldenError } from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import {
  ConfiguredKeyRing,
  generateSigningJwk,
  KeyRing,
  type KeyState,
  type PublishedKeys,
  SecurityError,
  type SigningKeys,
  SqlKeyRingStore,
  type VerificationKeys,
} from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { Clock } from '@golden-arch/core/time'
import type { Configuration } from '../configuration.ts'
import { keyEncryptionKeysOf } from './key-encryption-keys.ts'
import { READ_BY_ONE } from './read-by-one.ts'
import { rotateKeys } from './rotate-keys.ts'

/** Keys that sign, verify and are published. */
export interface IdentityKeyRing extends SigningKeys, VerificationKeys {
  jwks(): Promise<PublishedKeys>
}

/** A key as people are told of it: its id and what it may do, never the key. */
export interface ListedKey {
  readonly keyId: string
  readonly algorithm: string
  /** `configured`: it stands in the configuration, and is changed there. */
  readonly state: KeyState | { readonly status: 'configured' }
}

/** The keys by which callers are known. */
export interface IdentityKeys {
  readonly ring: IdentityKeyRing
  /** The keys of which there is a public part, those that sign no more among them. */
  list(): Promise<readonly ListedKey[]>
  /** Under which names and addresses of sign-ins are counted: the same in all processes of one configuration. */
  readonly throttleSecret: Uint8Array
  /** Rotates the keys when it is time, until the signal fires; keys of the configuration stay as they are. */
  rotate(signal: AbortSignal): Promise<void>
}

/** What {@link openIdentityKeys} works with. */
export interface IdentityKeysOptions {
  readonly configuration: Pick<
    Configuration,
    'KEY_ENCRYPTION_KEY' | 'JWT_PRIVATE_KEY' | 'JWT_PUBLIC_KEYS' | 'JWT_SECRET'
  >
  readonly database: SqlDatabase
  /** Whether no other process has the database open. */
  readonly isAlone: boolean
  readonly logger: Logger
  /** Measures how old what was read of the keys is. */
  readonly clock: Clock
}

const WHAT_TO_DO =
  'Is it the one of the other gateways? To change it, give the new one, a comma and the old one. ' +
  'Is the old one lost or not to count any more, end its keys: npm run keys -- revoke --all'

/**
 * The keys in the database, where the configuration seals them; else the keys of the configuration; without any, keys for
 * this start alone.
 * @throws SecurityError `SIGNING_KEY_INVALID` where the keys in the database were sealed under another key, with what to do.
 * StorageError by code.
 */
export async function openIdentityKeys(options: IdentityKeysOptions): Promise<IdentityKeys> {
  const { KEY_ENCRYPTION_KEY: sealing } = options.configuration
  if (sealing === undefined) return await configuredKeys(options.configuration)
  const { database, isAlone, logger, clock } = options
  const keyEncryptionKeys = keyEncryptionKeysOf(sealing)
  const store = new SqlKeyRingStore({ database })
  const ring = new KeyRing({ store, keyEncryptionKeys, logger, clock, ...(isAlone ? READ_BY_ONE : {}) })
  // Makes the first key; a key that cannot be opened ends the start.
  await ring.signingKey().catch((cause: unknown) => {
    if (!isGoldenError(cause, 'SIGNING_KEY_INVALID')) throw cause
    throw new SecurityError({
      code: cause.code,
      message: `KEY_ENCRYPTION_KEY: ${cause.message}. ${WHAT_TO_DO}`,
      cause,
    })
  })
  return {
    ring,
    list: () => ring.list(),
    throttleSecret: throttleSecretOf(keyEncryptionKeys[0]),
    rotate: (signal) => rotateKeys(ring, { signal, logger, clock }),
  }
}

async function configuredKeys(configuration: IdentityKeysOptions['configuration']): Promise<IdentityKeys> {
  const { JWT_PRIVATE_KEY: privateKey, JWT_PUBLIC_KEYS: publicKeys, JWT_SECRET: secret } = configuration
  const further = publicKeys === undefined ? {} : { publicKeys }
  const ring =
    secret === undefined
      ? await ConfiguredKeyRing.open({ privateKey: privateKey ?? (await generateSigningJwk()), ...further })
      : await ConfiguredKeyRing.open({ secret })
  return {
    ring,
    list: async () => (await ring.jwks()).jwks.keys.map(configuredKey),
    throttleSecret: throttleSecretOf(privateKey ?? secret),
    rotate: async () => undefined,
  }
}

function configuredKey({ kid, alg }: PublishedKeys['jwks']['keys'][number]): ListedKey {
  return { keyId: kid ?? 'without an id', algorithm: alg ?? 'unknown', state: { status: 'configured' } }
}

/** One that follows from what all processes are told; without that, one of this process. */
function throttleSecretOf(shared: string | Uint8Array | undefined): Uint8Array {
  if (shared === undefined) return randomBytes(32)
  return new Uint8Array(hkdfSync('sha256', shared, '', 'sign-in throttle', 32))
}
