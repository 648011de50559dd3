import type { JWK } from 'jose'
import { InvalidOptionError, requireInteger, withDefaults } from '../../errors/index.ts'
import { SecurityError } from '../security-error.ts'
import { PublicKeySet } from './public-key-set.ts'
import { readPrivateKey, readPublicKeys } from './read-key-text.ts'
import { importSigningKey, type SigningKey } from './signing-key.ts'
import { importSigningSecret } from './signing-secret.ts'
import type { PublishedKeys, SigningKeys, VerificationKeys } from './token-keys.ts'
import { type VerificationKey, verificationKeyOf } from './verification-key.ts'

/** The keys of an issuer as a configuration gives them: a private key, or a secret, or public keys alone. */
export interface ConfiguredKeys {
  /** PKCS#8 PEM or a JWK, as text or parsed (`JWT_PRIVATE_KEY`). Default: none, it verifies only. */
  readonly privateKey?: string | JWK | undefined
  /**
   * Further public keys whose tokens are accepted, such as the next and the previous one (`JWT_PUBLIC_KEYS`): PEM blocks,
   * a JWK Set or a list. At most 15. The public half of `privateKey` need not be among them.
   */
  readonly publicKeys?: string | readonly JWK[] | undefined
  /** For HS256: 32 random bytes or more, or a text that holds them (`JWT_SECRET`). Never beside the other two. */
  readonly secret?: Uint8Array | string | undefined
  /** Seconds for which others may keep the JWK Set, 1 to 3600. Default 300 (5 minutes). */
  readonly jwksMaxAgeSeconds?: number | undefined
}

const DEFAULTS = Object.freeze({
  privateKey: undefined,
  publicKeys: undefined,
  secret: undefined,
  jwksMaxAgeSeconds: 300,
})

/**
 * Keys that stay as the configuration gives them, for installs without a shared store. To rotate them, name the next
 * key in `publicKeys` of every process, wait until all verifiers know it, make it `privateKey`, and keep the old one in
 * `publicKeys` while its tokens live.
 */
export class ConfiguredKeyRing implements SigningKeys, VerificationKeys {
  readonly #signingKey: SigningKey | undefined
  readonly #own: VerificationKey | undefined
  readonly #publicKeys: PublicKeySet | undefined
  readonly #published: PublishedKeys

  private constructor(parts: ConfiguredParts) {
    this.#signingKey = parts.signingKey
    this.#own = parts.own
    this.#publicKeys = parts.publicKeys
    this.#published = Object.freeze({
      jwks: Object.freeze({ keys: Object.freeze(parts.publicKeys?.jwks() ?? []) }),
      maxAgeSeconds: parts.maxAgeSeconds,
    })
  }

  /**
   * Reads the keys.
   * @throws InvalidOptionError `INVALID_OPTION` where there is no key at all, a secret beside other keys, or a public key
   * that is none. SecurityError `SIGNING_KEY_INVALID` on a private key or a secret that is none or weak.
   */
  static async open(keys: ConfiguredKeys): Promise<ConfiguredKeyRing> {
    const { privateKey, publicKeys, secret, jwksMaxAgeSeconds } = withDefaults(keys, DEFAULTS)
    const maxAgeSeconds = requireInteger('jwksMaxAgeSeconds', jwksMaxAgeSeconds, { min: 1, max: 3600 })
    if (secret !== undefined) {
      if (privateKey !== undefined || publicKeys !== undefined)
        throw new InvalidOptionError('secret', 'alone: a key pair and a secret are not mixed', 'both')
      return ConfiguredKeyRing.#of(await importSigningSecret(secret), [], maxAgeSeconds)
    }
    if (privateKey === undefined && publicKeys === undefined)
      throw new InvalidOptionError('privateKey', 'given, or publicKeys, or secret', undefined)
    const further = typeof publicKeys === 'string' ? await readPublicKeys(publicKeys) : (publicKeys ?? [])
    if (privateKey === undefined) return ConfiguredKeyRing.#of(undefined, further, maxAgeSeconds)
    const jwk = typeof privateKey === 'string' ? readPrivateKey(privateKey) : privateKey
    return ConfiguredKeyRing.#of(await importSigningKey(jwk), further, maxAgeSeconds)
  }

  static async #of(
    signingKey: SigningKey | undefined,
    further: readonly JWK[],
    maxAgeSeconds: number,
  ): Promise<ConfiguredKeyRing> {
    const own = signingKey && (await verificationKeyOf(signingKey))
    const isPair = signingKey !== undefined && signingKey.algorithm !== 'HS256'
    const others = further.filter((jwk) => jwk?.kid !== signingKey?.keyId)
    const publicJwks = isPair ? [signingKey.publicJwk, ...others] : others
    // A secret has no public half: its key set is empty.
    const publicKeys = own?.algorithm === 'HS256' ? undefined : await openPublicKeys(publicJwks)
    return new ConfiguredKeyRing({ signingKey, own, publicKeys, maxAgeSeconds })
  }

  /** The key that signs. @throws SecurityError `SIGNING_KEY_INVALID` where public keys alone were given. */
  async signingKey(): Promise<SigningKey> {
    if (this.#signingKey === undefined)
      throw new SecurityError({ code: 'SIGNING_KEY_INVALID', message: 'no private key is configured' })
    return this.#signingKey
  }

  /** The key with that id, if it is one of these. */
  verificationKey(keyId: string): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    return this.#own?.keyId === keyId ? this.#own : this.#publicKeys?.verificationKey(keyId)
  }

  /** The public keys, for `/.well-known/jwks.json`; none where tokens are signed with a secret. */
  async jwks(): Promise<PublishedKeys> {
    return this.#published
  }
}

async function openPublicKeys(jwks: readonly Readonly<JWK>[]): Promise<PublicKeySet> {
  const keys = new PublicKeySet(jwks, 'publicKeys')
  await keys.importAll().catch(() => {
    throw new InvalidOptionError('publicKeys', 'keys that can be read', 'one that cannot')
  })
  return keys
}

interface ConfiguredParts {
  readonly signingKey: SigningKey | undefined
  readonly own: VerificationKey | undefined
  readonly publicKeys: PublicKeySet | undefined
  readonly maxAgeSeconds: number
}
