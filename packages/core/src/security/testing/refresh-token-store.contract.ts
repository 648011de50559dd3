import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { RefreshTokenService, type RefreshTokenServiceOptions } from '../refresh/refresh-token-service.ts'
import type { RefreshTokenStore } from '../refresh/refresh-token-store.ts'

/** What the tests need of a store. */
export interface RefreshTokenStoreUnderTest {
  /** The store, as one more process sees it. */
  store(): RefreshTokenStore
  /** A tenant that no other test uses. */
  newTenant(): string
  /** Makes all that a tenant has stored so much older. */
  age(tenantId: string, ms: number): Promise<void>
  close(): Promise<void>
}

const DAY_MS = 86_400_000
const REFUSED = expect.objectContaining({
  code: 'REFRESH_TOKEN_INVALID',
  message: 'the refresh token is invalid',
})

/** Registers the tests that every refresh token store passes. `open` is called once. */
export function describeRefreshTokenStoreContract(
  title: string,
  open: () => Promise<RefreshTokenStoreUnderTest>,
): void {
  describe(`refresh tokens on ${title}`, () => {
    let opened: RefreshTokenStoreUnderTest
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })
    const service = (options: Partial<RefreshTokenServiceOptions> = {}): RefreshTokenService =>
      new RefreshTokenService({ store: opened.store(), isEnabled: async () => true, ...options })
    const ada = (): { tenantId: string; subject: string } => ({
      tenantId: opened.newTenant(),
      subject: 'ada',
    })
    const retryKey = (): string => randomBytes(16).toString('base64url')

    it('are exchanged one for another, all of one session and user', async () => {
      const [tokens, user] = [service(), ada()]
      const first = await tokens.issue(user)
      const second = await tokens.refresh(first.token)
      const third = await tokens.refresh(second.token)
      expect(second).toEqual({
        ...user,
        familyId: first.familyId,
        token: expect.stringMatching(/^gart_.{43}$/),
      })
      expect(new Set([first.token, second.token, third.token]).size).toBe(3)
      expect(third.familyId).toBe(first.familyId)
    })

    it('end the session where a spent one comes again, and the access tokens of its user', async () => {
      const revoked: object[] = []
      const logger = new RecordingLogger()
      const revocations = { revokeSubject: async (subject: object) => void revoked.push(subject) }
      const [tokens, user] = [service({ revocations, logger }), ada()]
      const first = await tokens.issue(user)
      const second = await tokens.refresh(first.token)
      await expect(tokens.refresh(first.token)).rejects.toEqual(REFUSED)
      expect(revoked).toEqual([user])
      await expect(tokens.refresh(second.token)).rejects.toEqual(REFUSED)
      expect(logger.lines.map(({ level, fields }) => [level, (fields as { reason: string }).reason])).toEqual(
        [
          ['warn', 'reused'],
          ['info', 'revoked'],
        ],
      )
      expect(logger.messages()).toEqual([
        'refresh token reused: the session is revoked',
        'refresh token refused',
      ])
      expect(JSON.stringify(logger.lines)).not.toContain(first.token)
    })

    it('end though the access tokens of their user cannot be revoked, which is told', async () => {
      const logger = new RecordingLogger()
      const revocations = { revokeSubject: () => Promise.reject(new Error('down')) }
      const [tokens, user] = [service({ revocations, logger }), ada()]
      const first = await tokens.issue(user)
      const second = await tokens.refresh(first.token)
      await expect(tokens.refresh(first.token)).rejects.toEqual(REFUSED)
      await expect(tokens.refresh(second.token)).rejects.toEqual(REFUSED)
      expect(logger.lines).toContainEqual({
        ...{ level: 'error', message: 'access tokens of a stolen session not revoked' },
        fields: expect.objectContaining({ err: new Error('down'), ...user }),
      })
    })

    it('leave other sessions of the user as they are where one ends', async () => {
      const [tokens, user] = [service(), ada()]
      const [stolen, other] = [await tokens.issue(user), await tokens.issue(user)]
      await tokens.refresh(stolen.token)
      await expect(tokens.refresh(stolen.token)).rejects.toEqual(REFUSED)
      await expect(tokens.refresh(other.token)).resolves.toMatchObject(user)
    })

    it('answer the same request again with the same successor, and only that request', async () => {
      const [tokens, user] = [service(), ada()]
      const first = await tokens.issue(user)
      const key = retryKey()
      const second = await tokens.refresh(first.token, { retryKey: key })
      expect(await service().refresh(first.token, { retryKey: key })).toEqual(second)
      const third = await tokens.refresh(second.token, { retryKey: retryKey() })
      expect(third.token).not.toBe(second.token)
    })

    it.each([
      ['another retry key', () => ({ retryKey: retryKey() })],
      ['no retry key', () => ({})],
    ])('end the session where a spent one comes with %s', async (_name, options) => {
      const [tokens, user] = [service(), ada()]
      const first = await tokens.issue(user)
      const second = await tokens.refresh(first.token, { retryKey: retryKey() })
      await expect(tokens.refresh(first.token, options())).rejects.toEqual(REFUSED)
      await expect(tokens.refresh(second.token)).rejects.toEqual(REFUSED)
    })

    it('end the session where a request is repeated after its successor was used, or too late', async () => {
      const [tokens, user, late] = [service(), ada(), ada()]
      const key = retryKey()
      const first = await tokens.issue(user)
      const second = await tokens.refresh(first.token, { retryKey: key })
      const third = await tokens.refresh(second.token)
      await expect(tokens.refresh(first.token, { retryKey: key })).rejects.toEqual(REFUSED)
      await expect(tokens.refresh(third.token)).rejects.toEqual(REFUSED)

      const other = await tokens.issue(late)
      await tokens.refresh(other.token, { retryKey: key })
      await opened.age(late.tenantId, 61_000)
      await expect(tokens.refresh(other.token, { retryKey: key })).rejects.toEqual(REFUSED)
    })

    it('give one answer of two to a token that is exchanged many times at once', async () => {
      const user = ada()
      const first = await service().issue(user)
      const tries = await Promise.allSettled(Array.from({ length: 6 }, () => service().refresh(first.token)))
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('give one successor to a request that is sent many times at once', async () => {
      const user = ada()
      const first = await service().issue(user)
      const key = retryKey()
      const tries = await Promise.all(
        Array.from({ length: 6 }, () => service().refresh(first.token, { retryKey: key })),
      )
      expect(new Set(tries.map(({ token }) => token)).size).toBe(1)
      await expect(service().refresh(tries[0]?.token ?? '')).resolves.toMatchObject(user)
    })

    it('end when nobody uses them for 14 days, and go on while somebody does, for 90 days', async () => {
      const [tokens, idle, busy] = [service(), ada(), ada()]
      const unused = await tokens.issue(idle)
      await opened.age(idle.tenantId, 14 * DAY_MS)
      await expect(tokens.refresh(unused.token)).rejects.toEqual(REFUSED)

      let { token } = await tokens.issue(busy)
      for (let days = 0; days < 78; days += 13) {
        await opened.age(busy.tenantId, 13 * DAY_MS)
        token = (await tokens.refresh(token)).token
      }
      await opened.age(busy.tenantId, 12 * DAY_MS)
      await expect(tokens.refresh(token)).rejects.toEqual(REFUSED)
    })

    it('are refused after sign-out, by any token of the session', async () => {
      const [tokens, user] = [service(), ada()]
      const first = await tokens.issue(user)
      const second = await tokens.refresh(first.token)
      await tokens.revoke(first.token)
      await expect(tokens.refresh(second.token)).rejects.toEqual(REFUSED)
      await tokens.revoke(second.token)
      await tokens.revoke('gart_unknown')
    })

    it('are of a session that is live until it is revoked, over or forgotten', async () => {
      const [tokens, user, late] = [service(), ada(), ada()]
      const old = await tokens.issue(late)
      expect(await tokens.isLive(old.token)).toBe(true)
      await opened.age(late.tenantId, 90 * DAY_MS)
      const [first, other] = [await tokens.issue(user), await tokens.issue(user)]
      const second = await tokens.refresh(first.token)
      const areLive = (): Promise<boolean[]> =>
        Promise.all([first, second, other, old].map(({ token }) => tokens.isLive(token)))
      expect(await areLive()).toEqual([true, true, true, false])
      await tokens.revoke(second.token)
      expect(await areLive()).toEqual([false, false, true, false])
      await tokens.forgetEnded()
      expect(await areLive()).toEqual([false, false, true, false])
      expect(await tokens.isLive('gart_unknown')).toBe(false)
    })

    it('are all refused after the sessions of their user were revoked, and no others', async () => {
      const [tokens, user] = [service(), ada()]
      const bob = { ...user, subject: 'bob' }
      const [one, two, other] = [await tokens.issue(user), await tokens.issue(user), await tokens.issue(bob)]
      expect(await tokens.revokeSubject(user)).toBe(2)
      expect(await tokens.revokeSubject(user)).toBe(0)
      for (const { token } of [one, two]) await expect(tokens.refresh(token)).rejects.toEqual(REFUSED)
      await expect(tokens.refresh(other.token)).resolves.toMatchObject(bob)
    })

    it('are refused while their user is disabled, and spent by nothing that could not be asked', async () => {
      const user = ada()
      const first = await service().issue(user)
      const asked: object[] = []
      const disabled = service({
        isEnabled: async (subject) => {
          asked.push(subject)
          return false
        },
      })
      await expect(disabled.refresh(first.token)).rejects.toEqual(REFUSED)
      expect(asked).toEqual([user])
      const failure = new Error('the users cannot be read')
      const unsure = service({ isEnabled: () => Promise.reject(failure) })
      await expect(unsure.refresh(first.token)).rejects.toBe(failure)
      await expect(service().refresh(first.token)).resolves.toMatchObject(user)
    })

    it('end the oldest session where a user has too many', async () => {
      const [tokens, user] = [service({ maxSessions: 2 }), ada()]
      const oldest = await tokens.issue(user)
      await opened.age(user.tenantId, 1000)
      const second = await tokens.issue(user)
      await opened.age(user.tenantId, 1000)
      const third = await tokens.issue(user)
      await expect(tokens.refresh(oldest.token)).rejects.toEqual(REFUSED)
      for (const { token } of [second, third])
        await expect(tokens.refresh(token)).resolves.toMatchObject(user)
    })

    it('that have ended are forgotten, those of live sessions not', async () => {
      const [tokens, user] = [service(), ada()]
      const [ended, spent] = [await tokens.issue(user), await tokens.issue(user)]
      const live = await tokens.refresh(spent.token)
      await tokens.revoke(ended.token)
      expect(await tokens.forgetEnded()).toBeGreaterThan(0)
      const store = opened.store()
      expect(await store.forgetEnded(100)).toBe(0)
      // Forgotten or not: a spent token of a live session still ends it.
      await expect(tokens.refresh(spent.token)).rejects.toEqual(REFUSED)
      await expect(tokens.refresh(live.token)).rejects.toEqual(REFUSED)
    })
  })
}
