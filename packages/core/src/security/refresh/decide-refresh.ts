import type { RefreshDecision, RefreshTokenState, SpentToken } from './refresh-token-store.ts'

/** What comes with a refresh token. */
export interface RefreshRequest {
  /** What the token is spent with, if it is. */
  readonly spent: Omit<SpentToken, 'at'>
  readonly idleLifetimeMs: number
  readonly retryWindowMs: number
}

/**
 * What becomes of a refresh token that is presented. A live one is exchanged for one successor. A spent one was stolen, or
 * its thief was first: the whole session ends. The one exception is a client that asks again because the answer was
 * lost: it shows the retry key of its own request within the window, and gets the same successor while that is unspent.
 */
export function decideRefresh(state: RefreshTokenState, request: RefreshRequest): RefreshDecision {
  const { family, token, now } = state
  if (family.revokedAt !== undefined) return { kind: 'refuse', reason: 'revoked', revokesFamily: false }
  if (family.expiresAt <= now) return { kind: 'refuse', reason: 'expired', revokesFamily: false }
  if (token.spent !== undefined) {
    return isRetry(state, token.spent, request)
      ? { kind: 'repeat', spent: token.spent }
      : { kind: 'refuse', reason: 'reused', revokesFamily: true }
  }
  if (token.expiresAt <= now) return { kind: 'refuse', reason: 'expired', revokesFamily: false }
  const idleEndMs = now.getTime() + request.idleLifetimeMs
  const expiresAt = new Date(Math.min(idleEndMs, family.expiresAt.getTime()))
  return { kind: 'rotate', spent: { ...request.spent, at: now }, expiresAt }
}

function isRetry(
  { isSuccessorSpent, now }: RefreshTokenState,
  spent: SpentToken,
  { spent: { retryKeyHash }, retryWindowMs }: RefreshRequest,
): boolean {
  if (isSuccessorSpent || retryKeyHash === undefined || retryKeyHash !== spent.retryKeyHash) return false
  return now.getTime() - spent.at.getTime() <= retryWindowMs
}
