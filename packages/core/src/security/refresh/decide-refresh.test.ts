import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryRefreshTokenStore } from '../adapters/memory/memory-refresh-token-store.ts'
import { decideRefresh, type RefreshRequest } from './decide-refresh.ts'
import { RefreshTokenService } from './refresh-token-service.ts'
import type { RefreshTokenState } from './refresh-token-store.ts'
import { isRefreshToken, randomRefreshToken, successorOf } from './refresh-token-text.ts'

const at = (ms: number): Date => new Date(ms)
const anyState: fc.Arbitrary<RefreshTokenState> = fc
  .record({
    now: fc.integer({ min: 0, max: 100 }),
    familyEnd: fc.integer({ min: 1, max: 100 }),
    tokenEnd: fc.integer({ min: 1, max: 100 }),
    revoked: fc.boolean(),
    spentAt: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    key: fc.constantFrom('k1', 'k2', undefined),
    isSuccessorSpent: fc.boolean(),
  })
  .map(({ now, familyEnd, tokenEnd, revoked, spentAt, key, isSuccessorSpent }) => ({
    now: at(now),
    family: {
      ...{ tenantId: 'acme', subject: 'ada', familyId: 'f', createdAt: at(0), expiresAt: at(familyEnd) },
      ...(revoked ? { revokedAt: at(0) } : {}),
    },
    token: {
      ...{ tokenHash: 'h', issuedAt: at(0), expiresAt: at(tokenEnd) },
      ...(spentAt === undefined
        ? {}
        : {
            spent: {
              ...{ at: at(Math.min(spentAt, now)), salt: 's', successorHash: 'old' },
              ...(key === undefined ? {} : { retryKeyHash: key }),
            },
          }),
    },
    isSuccessorSpent: spentAt !== undefined && isSuccessorSpent,
  }))
const anyRequest: fc.Arbitrary<RefreshRequest> = fc.record({
  spent: fc.constantFrom(
    { salt: 'n', successorHash: 'new' },
    { salt: 'n', successorHash: 'new', retryKeyHash: 'k1' },
    { salt: 'n', successorHash: 'new', retryKeyHash: 'k2' },
  ),
  idleLifetimeMs: fc.constant(20),
  retryWindowMs: fc.constant(10),
})

describe('what becomes of a refresh token', () => {
  it('is a new one for a live one alone, never past the end of its session', () => {
    fc.assert(
      fc.property(anyState, anyRequest, (state, request) => {
        const decision = decideRefresh(state, request)
        const { family, token, now } = state
        const isLive =
          family.revokedAt === undefined &&
          family.expiresAt > now &&
          token.spent === undefined &&
          token.expiresAt > now
        expect(decision.kind === 'rotate').toBe(isLive)
        if (decision.kind !== 'rotate') return
        expect(decision.spent).toEqual({ ...request.spent, at: now })
        expect(decision.expiresAt.getTime()).toBe(Math.min(now.getTime() + 20, family.expiresAt.getTime()))
      }),
    )
  })

  it('is the old answer for the same request alone: in time, with its key, while the answer is unused', () => {
    fc.assert(
      fc.property(anyState, anyRequest, (state, request) => {
        const decision = decideRefresh(state, request)
        const { spent } = state.token
        const isOver = state.family.revokedAt !== undefined || state.family.expiresAt <= state.now
        const isSame =
          spent?.retryKeyHash !== undefined &&
          spent.retryKeyHash === request.spent.retryKeyHash &&
          state.now.getTime() - spent.at.getTime() <= 10 &&
          !state.isSuccessorSpent
        expect(decision.kind === 'repeat').toBe(!isOver && isSame)
        if (decision.kind === 'repeat') expect(decision.spent).toEqual(spent)
      }),
    )
  })

  it('is the end of the session wherever a spent one comes and is no such retry', () => {
    fc.assert(
      fc.property(anyState, anyRequest, (state, request) => {
        const decision = decideRefresh(state, request)
        if (decision.kind !== 'refuse') return
        const isRevoked = state.family.revokedAt !== undefined
        const isReused = !isRevoked && state.family.expiresAt > state.now && state.token.spent !== undefined
        expect(decision.revokesFamily).toBe(isReused)
        expect(decision.reason).toBe(isRevoked ? 'revoked' : isReused ? 'reused' : 'expired')
      }),
    )
  })
})

describe('the text of a refresh token', () => {
  it('has one spelling', () => {
    const token = randomRefreshToken()
    expect(isRefreshToken(token)).toBe(true)
    for (const other of [`${token}=`, ` ${token}`, token.slice(5), `${token.slice(0, -1)}B`, '', 7, null]) {
      expect(isRefreshToken(other)).toBe(false)
    }
  })

  it('of a successor needs the token, the key and the salt', () => {
    const [token, other] = [randomRefreshToken(), randomRefreshToken()]
    const made = successorOf(token, 'key', 'salt')
    expect(isRefreshToken(made)).toBe(true)
    expect(successorOf(token, 'key', 'salt')).toBe(made)
    for (const one of [
      successorOf(other, 'key', 'salt'),
      successorOf(token, 'other', 'salt'),
      successorOf(token, 'key', 'other'),
    ]) {
      expect(one).not.toBe(made)
    }
  })
})

describe('the refresh token service', () => {
  const options = { store: new MemoryRefreshTokenStore(), isEnabled: async (): Promise<boolean> => true }

  it.each([
    [{ idleLifetimeSeconds: 59 }, 'idleLifetimeSeconds'],
    [{ idleLifetimeSeconds: 1000, absoluteLifetimeSeconds: 999 }, 'absoluteLifetimeSeconds'],
    [{ retryWindowSeconds: 601 }, 'retryWindowSeconds'],
    [{ maxSessions: 0 }, 'maxSessions'],
    [{ isEnabled: undefined as never }, 'isEnabled'],
  ])('is not made with %j', (given, option) => {
    expect(() => new RefreshTokenService({ ...options, ...given })).toThrow(invalidOption(option))
  })

  it('takes no retry key that is short, and no ids that are none', async () => {
    const service = new RefreshTokenService(options)
    const { token } = await service.issue({ tenantId: 'acme', subject: 'ada' })
    await expect(service.refresh(token, { retryKey: 'k'.repeat(21) })).rejects.toEqual(
      invalidOption('retryKey', '22 to 256 random characters'),
    )
    await expect(service.issue({ tenantId: '', subject: 'ada' })).rejects.toEqual(invalidOption('tenantId'))
    await expect(service.issue({ tenantId: 'acme', subject: 'a\n' })).rejects.toEqual(
      invalidOption('subject'),
    )
    await expect(service.refresh(token)).resolves.toMatchObject({ tenantId: 'acme' })
  })

  it('refuses what is no refresh token without asking the store', async () => {
    const store = new MemoryRefreshTokenStore()
    store.find = () => Promise.reject(new Error('asked'))
    const service = new RefreshTokenService({ ...options, store })
    for (const value of [
      '',
      'x',
      'gart_',
      "gart_' OR 1=1 --",
      'gart_'.padEnd(100_000, 'A'),
      undefined,
      {},
      [],
    ]) {
      // The cast lets in what a caller without types may pass.
      await expect(service.refresh(value as never)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' })
    }
  })

  it('waits for no store and no user directory that never answers', async () => {
    const clock = new FakeClock()
    const store = new MemoryRefreshTokenStore({ clock })
    const never = (): Promise<never> => new Promise(() => {})
    let ask: () => void = () => {}
    const asked = new Promise<void>((resolve) => {
      ask = resolve
    })
    const isEnabled = (): Promise<never> => {
      ask()
      return never()
    }
    const service = new RefreshTokenService({ store, isEnabled, clock })
    const { token } = await new RefreshTokenService({ ...options, store, clock }).issue({
      tenantId: 'acme',
      subject: 'ada',
    })
    const late = expect.objectContaining({ code: 'DEADLINE_EXCEEDED', retryable: true })
    const unanswered = expect(service.refresh(token)).rejects.toEqual(late)
    await asked
    await clock.advance(5000)
    await unanswered
    store.decide = never
    const revoked = expect(service.revoke(token)).rejects.toEqual(late)
    await clock.advance(5000)
    await revoked
  })

  it('says that a stolen session has ended, though the access tokens could not be revoked', async () => {
    const revocations = { revokeSubject: () => Promise.reject(new Error('down')) }
    const service = new RefreshTokenService({ ...options, revocations })
    const { token } = await service.issue({ tenantId: 'acme', subject: 'ada' })
    await service.refresh(token)
    await expect(service.refresh(token)).rejects.toMatchObject({ code: 'REFRESH_TOKEN_INVALID' })
  })
})
