import type { JWK } from 'jose'
import { InvalidOptionError } from '../../errors/index.ts'
import { OWN_RSA_BOUNDS } from './public-members.ts'
import { KEY_PAIR_ALGORITHMS } from './signing-algorithm.ts'
import type { VerificationKeys } from './token-keys.ts'
import {
  type CheckedPublicKey,
  checkPublicKey,
  importPublicKey,
  type VerificationKey,
} from './verification-key.ts'

const MAX_KEYS = 16
const RULES = { algorithms: KEY_PAIR_ALGORITHMS, rsaBounds: OWN_RSA_BOUNDS }

/** Public keys that stay as they were given. */
export class PublicKeySet implements VerificationKeys {
  readonly #checked: ReadonlyMap<string, CheckedPublicKey>
  readonly #imported = new Map<string, VerificationKey>()

  /** @throws InvalidOptionError `INVALID_OPTION` on no key, on more than 16, on one that is not public or not strong. */
  constructor(keys: readonly Readonly<JWK>[], option = 'keys') {
    if (keys.length < 1 || keys.length > MAX_KEYS)
      throw new InvalidOptionError(option, `1 to ${MAX_KEYS} keys`, keys)
    const checked = new Map<string, CheckedPublicKey>()
    for (const jwk of keys) {
      const key = checkPublicKey(jwk, RULES)
      if (typeof key === 'string')
        throw new InvalidOptionError(option, `public keys with kid and alg (${key})`, jwk)
      if (checked.has(key.keyId))
        throw new InvalidOptionError(option, 'keys with a kid of their own', key.keyId)
      checked.set(key.keyId, key)
    }
    this.#checked = checked
  }

  /** The keys as they may be published: public members, `kid`, `alg` and `use`, and nothing else. */
  jwks(): readonly Readonly<JWK>[] {
    return [...this.#checked.values()].map(({ keyId, algorithm, members }) =>
      Object.freeze({ ...members, kid: keyId, alg: algorithm, use: 'sig' }),
    )
  }

  /** Rejects where the numbers of a key are none, such as a point off its curve. */
  async importAll(): Promise<void> {
    for (const [keyId, checked] of this.#checked) this.#imported.set(keyId, await importPublicKey(checked))
  }

  verificationKey(keyId: string): VerificationKey | undefined | Promise<VerificationKey | undefined> {
    return this.#imported.get(keyId) ?? this.#import(keyId)
  }

  async #import(keyId: string): Promise<VerificationKey | undefined> {
    const checked = this.#checked.get(keyId)
    if (checked === undefined) return undefined
    // A key whose numbers are none verifies nothing.
    const key = await importPublicKey(checked).catch(() => undefined)
    if (key !== undefined) this.#imported.set(keyId, key)
    return key
  }
}
