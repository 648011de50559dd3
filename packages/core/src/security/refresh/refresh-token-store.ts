/** Whose session it is. */
export interface RefreshSubject {
  readonly tenantId: string
  readonly subject: string
}

/** A session: all refresh tokens that came of one sign-in. */
export interface RefreshFamily extends RefreshSubject {
  readonly familyId: string
  readonly createdAt: Date
  /** The end of the session, however busy it is. */
  readonly expiresAt: Date
  readonly revokedAt?: Date
}

/** That a token was exchanged, and what its one successor is made of. */
export interface SpentToken {
  readonly at: Date
  /** 32 random bytes, in base64url. */
  readonly salt: string
  /** SHA-256 of the successor, in base64url. */
  readonly successorHash: string
  /** SHA-256 of the retry key that came with the exchange, in base64url; undefined where none came. */
  readonly retryKeyHash?: string
}

/** A refresh token as a store keeps it: its hash, never itself. */
export interface RefreshTokenRecord {
  /** SHA-256 of the token, in base64url. */
  readonly tokenHash: string
  readonly issuedAt: Date
  /** Its end where nobody uses it. */
  readonly expiresAt: Date
  readonly spent?: SpentToken
}

/** A token with its session, and the store's own time. */
export interface RefreshTokenState {
  readonly family: RefreshFamily
  readonly token: RefreshTokenRecord
  /** Whether the successor of a spent token is spent too. */
  readonly isSuccessorSpent: boolean
  readonly now: Date
}

/** Why a refresh token is refused, as the log names it; the caller is not told. */
export type RefreshRefusal = 'unknown' | 'expired' | 'revoked' | 'reused' | 'disabled'

/** What becomes of a refresh token that is presented. */
export type RefreshDecision =
  | { readonly kind: 'rotate'; readonly spent: SpentToken; readonly expiresAt: Date }
  | { readonly kind: 'repeat'; readonly spent: SpentToken }
  | { readonly kind: 'refuse'; readonly reason: RefreshRefusal; readonly revokesFamily: boolean }

/** A new session with its first token. */
export interface NewRefreshFamily {
  readonly family: RefreshFamily
  readonly token: RefreshTokenRecord
}

/** Where refresh tokens are kept. */
export interface RefreshTokenStore {
  /**
   * Adds what `make` gives for the store's own time. Of the subject's live sessions the oldest beyond `maxFamilies` are
   * revoked.
   * @throws StorageError by code.
   */
  create(make: (now: Date) => NewRefreshFamily, maxFamilies: number): Promise<void>
  /** The token with that hash, or undefined. @throws StorageError by code. */
  find(tokenHash: string): Promise<RefreshTokenState | undefined>
  /**
   * Applies what `decide` makes of the token, while nobody else changes its session: `rotate` marks it spent and adds its
   * successor, `refuse` with `revokesFamily` revokes the session. Undefined where there is no such token.
   * @throws StorageError by code.
   */
  decide(
    tokenHash: string,
    decide: (state: RefreshTokenState) => RefreshDecision,
  ): Promise<RefreshTokenDecided | undefined>
  /** Revokes all live sessions of a subject; how many there were. @throws StorageError by code. */
  revokeSubject(subject: RefreshSubject): Promise<number>
  /** Forgets at most `limit` sessions and tokens that have ended; how many. @throws StorageError by code. */
  forgetEnded(limit: number): Promise<number>
}

/** A decision with the state that it was made of. */
export interface RefreshTokenDecided {
  readonly state: RefreshTokenState
  readonly decision: RefreshDecision
}
