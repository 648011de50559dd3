import { SqlAuditLog } from '@golden-arch/core/audit'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import {
  auditTrail,
  hashPassword,
  SqlRefreshTokenStore,
  SqlUserStore,
  type User,
  type UserStore,
} from '@golden-arch/core/security'
import { systemClock } from '@golden-arch/core/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServerDatabase } from '../testing/server-database.ts'
import { Identity, type Session } from './identity.ts'
import { type IdentityKeys, openIdentityKeys } from './identity-keys.ts'
import { runKeysCommand } from './keys-command.ts'
import { runUsersCommand } from './users-command.ts'

const tenantId = 'acme'
const PASSWORD = 'a lantern for seven otters'
const ACTOR = { id: 'test', kind: 'service' } as const

/** Users beside whom something happens: `befores` and `afters` hold it for each of the next readings in turn. */
class WatchedUsers extends SqlUserStore {
  befores: ((() => Promise<unknown>) | undefined)[] = []
  afters: ((() => Promise<unknown>) | undefined)[] = []
  afterSignIn: (() => Promise<unknown>) | undefined

  override async get(key: Parameters<UserStore['get']>[0]): Promise<User> {
    await this.befores.shift()?.()
    const user = await super.get(key)
    await this.afters.shift()?.()
    return user
  }

  override async recordSignIn(
    record: Parameters<UserStore['recordSignIn']>[0],
  ): ReturnType<UserStore['recordSignIn']> {
    const user = await super.recordSignIn(record)
    await this.afterSignIn?.()
    return user
  }
}

describe('a session that begins or goes on while all sessions of its user end', () => {
  let database: Awaited<ReturnType<typeof openServerDatabase>>
  let keys: IdentityKeys
  let passwordHash: string
  let names = 0

  beforeAll(async () => {
    database = await openServerDatabase()
    const parts = { configuration: {}, isAlone: true, logger: silentLogger, clock: systemClock }
    keys = await openIdentityKeys({ ...parts, database })
    passwordHash = await hashPassword(PASSWORD)
  }, 300_000)
  afterAll(() => database.close())

  /** Another process of the same server. */
  const openIdentity = (users: UserStore): Identity =>
    new Identity({
      configuration: { JWT_ISSUER: 'issuer', JWT_AUDIENCE: 'audience', REDIS_PREFIX: '' },
      keys,
      users,
      database,
      isAlone: true,
      redis: undefined,
      audit: auditTrail(database, new SqlAuditLog()),
      tenantId,
      logger: silentLogger,
      metrics: silentMetrics,
    })

  interface Opened {
    readonly identity: Identity
    readonly users: WatchedUsers
    readonly name: string
    signIn(): Promise<Session>
    usersCommand(...argv: string[]): Promise<void>
    sessionsLeft(): Promise<number>
  }

  async function open(): Promise<Opened> {
    const users = new WatchedUsers({ database, audit: new SqlAuditLog() })
    const name = `user-${names++}`
    await users.create({ tenantId, userId: name, name, role: 'operator', passwordHash }, ACTOR)
    const identity = openIdentity(users)
    return {
      identity,
      users,
      name,
      signIn: async () => {
        const request = { name, password: PASSWORD, address: '127.0.0.1', device: undefined, requestId: 'r' }
        return (await identity.signIn(request)).session
      },
      usersCommand: (...argv) =>
        runUsersCommand({
          argv,
          database,
          tenantId,
          actor: 'ada',
          password: 'eight otters at dawn',
          say: () => undefined,
        }),
      sessionsLeft: async () => {
        const { rows } = await database.query<{ left: number }>(
          'SELECT count(*)::int AS left FROM refresh_token_families WHERE subject = $1 AND revoked_at IS NULL',
          [name],
        )
        return rows[0]?.left ?? 0
      },
    }
  }

  const INVALID = expect.objectContaining({ code: 'REFRESH_TOKEN_INVALID' })

  it.each(['befores', 'afters'] as const)(
    'is refused a refresh where he is disabled after the exchange: %s',
    async (when) => {
      const { identity, users, signIn, usersCommand, sessionsLeft, name } = await open()
      const { refreshToken } = await signIn()
      users[when] = [undefined, () => usersCommand('disable', name)]
      await expect(identity.refresh(refreshToken, undefined)).rejects.toEqual(INVALID)
      expect(await sessionsLeft()).toBe(0)
    },
  )

  it('is refused a refresh where the same token comes a second time meanwhile: one of the two was stolen', async () => {
    const { identity, users, signIn, sessionsLeft } = await open()
    const { refreshToken } = await signIn()
    users.afters = [
      undefined,
      () => expect(identity.refresh(refreshToken, undefined)).rejects.toEqual(INVALID),
    ]
    await expect(identity.refresh(refreshToken, undefined)).rejects.toEqual(INVALID)
    expect(await sessionsLeft()).toBe(0)
  })

  it.each(['password', 'disable'])('is refused where a sign-in meets %s', async (command) => {
    const { users, signIn, usersCommand, sessionsLeft, name } = await open()
    users.afterSignIn = () => usersCommand(command, name)
    await expect(signIn()).rejects.toMatchObject({
      code: 'SIGN_IN_REFUSED',
      message: 'unknown user or wrong password',
    })
    expect(await sessionsLeft()).toBe(0)
  })

  it('goes on where nothing of it changed', async () => {
    const { identity, signIn, sessionsLeft } = await open()
    const { refreshToken } = await signIn()
    const { token } = await identity.refresh(refreshToken, undefined)
    expect(await identity.verify(token)).toMatchObject({ role: 'operator' })
    expect(await sessionsLeft()).toBe(1)
  })

  it('ends by the command with its access token too, though it was signed out and forgotten before', async () => {
    const { identity, users, signIn } = await open()
    const { token, refreshToken } = await signIn()
    await identity.signOut(refreshToken, undefined, 'r')
    await new SqlRefreshTokenStore({ database }).forgetEnded(1000)
    expect(await openIdentity(users).verify(token)).toMatchObject({ role: 'operator' })
    const say = (): void => undefined
    await runKeysCommand({ argv: ['end-sessions'], configuration: {}, database, tenantId, actor: 'ada', say })
    await expect(openIdentity(users).verify(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })
})
