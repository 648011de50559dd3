import type { JWK } from 'jose'
import type { KeyPairAlgorithm } from '../token/signing-algorithm.ts'
import type { KeyInstants } from './key-state.ts'

/** A key as a store keeps it. Its private half is never in the clear. */
export interface KeyRecord extends KeyInstants {
  readonly algorithm: KeyPairAlgorithm
  readonly publicJwk: Readonly<JWK>
  /** Proves by the key-encryption key that the ring made this key: a row that another wrote is none. */
  readonly proof: string
  /** The private JWK, sealed with AES-256-GCM; undefined once it was wiped. */
  readonly sealedPrivateKey?: string
}

/** What a key ring holds, and the store's own time. */
export interface KeyRingContents {
  /** At most 100 keys. */
  readonly keys: readonly KeyRecord[]
  readonly now: Date
}

/** One change of what a store keeps. */
export type KeyRingChange =
  | { readonly kind: 'add'; readonly key: KeyRecord }
  | { readonly kind: 'activate'; readonly keyId: string; readonly activateAt: Date }
  | { readonly kind: 'revoke'; readonly keyId: string; readonly revokedAt: Date }
  | { readonly kind: 'wipe'; readonly keyId: string }
  | { readonly kind: 'forget'; readonly keyId: string }

/** Where a key ring is kept. */
export interface KeyRingStore {
  /** @throws StorageError by code. */
  load(): Promise<KeyRingContents>
  /**
   * Applies what `decide` makes of the contents, all or nothing, while no other process changes the ring; gives the
   * contents as they are then. What `decide` throws is thrown on and changes nothing.
   * @throws StorageError by code.
   */
  change(decide: (contents: KeyRingContents) => readonly KeyRingChange[]): Promise<KeyRingContents>
}
