/** What is revoked: one token, all tokens of a subject issued up to an instant, or all tokens of a key. */
export type Revocation =
  | { readonly kind: 'token'; readonly tenantId: string; readonly tokenId: string; readonly expiresAt: Date }
  | {
      readonly kind: 'subject'
      readonly tenantId: string
      readonly subject: string
      /** Tokens issued then or before are refused. */
      readonly issuedBefore: Date
      readonly expiresAt: Date
    }
  | { readonly kind: 'key'; readonly keyId: string }

/** A part of the list, in the order in which it was written. */
export interface RevocationPage {
  /** Those after the sequence asked for that have not expired, at most as many as asked for. */
  readonly revocations: readonly Revocation[]
  /** The sequence up to which this page tells all. */
  readonly sequence: bigint
  /** Whether there is more after it. */
  readonly hasMore: boolean
  /** The store's own time. */
  readonly now: Date
}

/** Where revocations are kept. */
export interface RevocationStore {
  /**
   * Adds what `make` gives for the store's own time, in an order that every reader sees: what has a lower sequence is
   * never seen later than what has a higher one. Forgets some of what has expired.
   * @throws StorageError by code.
   */
  add(make: (now: Date) => Revocation): Promise<void>
  /**
   * What was added after `sequence` (0n: all). A sequence that the store has never reached, as after a restore, counts as 0n.
   * @throws StorageError by code.
   */
  readAfter(sequence: bigint, limit: number): Promise<RevocationPage>
}
