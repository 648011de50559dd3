import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService } from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../testing/assembled-server.ts'
import { runKeysCommand } from './keys-command.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', '..', 'migrations')
const KEY_ENCRYPTION_KEY = 'q4y0Zk3nJc8sV1mWx7uRb2tHf5gLd9eKpQaToYiNzMU'
/** More than what was read of the keys counts for, by the clock of the servers. */
const FORGOTTEN_MS = 301_000

describeWithService('postgres', 'keys in the database', (address) => {
  let schema: Awaited<ReturnType<typeof createPostgresSchema>>
  let pool: pg.Pool
  const servers: AssembledServer[] = []

  beforeAll(async () => {
    schema = await createPostgresSchema(address)
    pool = new pg.Pool({ ...schema.poolConfig, max: 6 })
    const database = new PgDatabase({ pool })
    await new Migrator({ database, migrations: await readMigrationFolder(MIGRATIONS) }).up()
    const environment = { KEY_ENCRYPTION_KEY, ADMIN_PASSWORD: 'a lantern for seven otters' }
    for (let index = 0; index < 2; index++)
      servers.push(await startAssembledServer({ database, environment }))
  }, SLOW_START_MS)
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await pool?.end()
    await schema?.drop()
  }, SLOW_START_MS)

  const newToken = async (server: AssembledServer): Promise<string> => {
    const { username, password } = server.gateway.signIn
    const { body } = await server.call('POST', '/api/v1/auth/login', { body: { username, password } })
    return String(body?.token)
  }
  const keyIdOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
  const publishedBy = async (server: AssembledServer): Promise<string[]> => {
    const { body } = await server.call('GET', '/.well-known/jwks.json')
    return ((body?.keys ?? []) as { kid: string }[]).map(({ kid }) => kid)
  }
  const everywhere = async (token: string): Promise<number[]> => {
    const answers: Answer[] = []
    for (const server of servers) answers.push(await server.call('GET', '/stats', { token }))
    return answers.map(({ status }) => status)
  }
  /** Makes all keys older in the database, and lets both servers read them again. */
  const age = async (time: string): Promise<void> => {
    await pool.query('UPDATE token_signing_keys SET activate_at = activate_at - $1::interval', [time])
    for (const { clock } of servers) await clock.advance(FORGOTTEN_MS)
  }
  /** One look at whether a rotation is due, by the second server's loop. */
  const rotate = async (): Promise<void> => {
    const count = async (): Promise<string> =>
      (await pool.query('SELECT count(*) FROM token_signing_keys')).rows[0].count
    const before = await count()
    const stopping = new AbortController()
    const rotation = servers[1]?.gateway.rotateKeys(stopping.signal)
    await expect.poll(count, { timeout: SLOW_START_MS }).not.toBe(before)
    stopping.abort()
    await rotation
  }

  const command = (...argv: string[]) => commandUnder(KEY_ENCRYPTION_KEY, ...argv)
  const commandUnder = async (
    sealing: string,
    ...argv: string[]
  ): Promise<{ readonly lines: readonly string[] }> => {
    const lines: string[] = []
    const configuration = { KEY_ENCRYPTION_KEY: sealing }
    const database = new PgDatabase({ pool })
    const say = (line: string): unknown => lines.push(line)
    await runKeysCommand({ argv, configuration, database, tenantId: 'default', actor: 'ada', say })
    return { lines }
  }
  const isAudited = async (action: string): Promise<boolean> => {
    const { rowCount } = await pool.query('SELECT FROM audit_log WHERE actor = $1 AND action = $2', [
      'ada',
      action,
    ])
    return rowCount !== 0
  }

  it(
    'sign the tokens that all servers accept, across a rotation, and are published before they sign and after',
    async () => {
      const [one, two] = servers as [AssembledServer, AssembledServer]
      const first = await newToken(one)
      expect(keyIdOf(await newToken(two))).toBe(keyIdOf(first))
      expect(await everywhere(first)).toEqual([200, 200])

      await age('31 days')
      await rotate()
      await age('0')
      const ahead = await publishedBy(one)
      expect(ahead).toHaveLength(2)
      expect(await publishedBy(two)).toEqual(ahead)
      expect(keyIdOf(await newToken(one))).toBe(keyIdOf(first))

      await age('16 minutes')
      const second = await newToken(one)
      expect(keyIdOf(second)).not.toBe(keyIdOf(first))
      expect(ahead).toContain(keyIdOf(second))
      for (const token of [first, second]) expect(await everywhere(token)).toEqual([200, 200])
      expect(await publishedBy(two)).toHaveLength(2)

      await age('1 hour')
      expect(await publishedBy(one)).toEqual([keyIdOf(second)])
      expect(await everywhere(first)).toEqual([401, 401])
      expect(await everywhere(second)).toEqual([200, 200])
    },
    SLOW_START_MS,
  )

  it('are published for as long as others may keep them, without their private halves', async () => {
    const { text, headers } = await (servers[0] as AssembledServer).call('GET', '/.well-known/jwks.json')
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(text).not.toMatch(/"(d|p|q|dp|dq|qi|k)":/)
  })

  it(
    'are refused by all servers once the command revokes them, and their successor signs at once',
    async () => {
      const [one, two] = servers as [AssembledServer, AssembledServer]
      const stolen = await newToken(one)
      const { lines } = await command('revoke', '--all')
      expect(lines.filter((line) => line.startsWith(keyIdOf(stolen))).join()).toContain('retired, revoked')
      expect(await isAudited('signingKey.revoke')).toBe(true)
      for (const { clock } of servers) await clock.advance(FORGOTTEN_MS)
      expect(await everywhere(stolen)).toEqual([401, 401])
      const next = await newToken(two)
      expect(keyIdOf(next)).not.toBe(keyIdOf(stolen))
      expect(await everywhere(next)).toEqual([200, 200])
      expect(await publishedBy(one)).toEqual([keyIdOf(next)])
      await expect(command('revoke', 'nobody')).rejects.toThrow('there is no key nobody')
    },
    SLOW_START_MS,
  )

  it(
    'sign nobody in any more once the command has ended all sessions, until people sign in anew',
    async () => {
      const [one] = servers as [AssembledServer, AssembledServer]
      const { username, password } = one.gateway.signIn
      const signedIn = await one.call('POST', '/api/v1/auth/login', { body: { username, password } })
      const { lines } = await command('end-sessions')
      expect(lines).toEqual([expect.stringMatching(/^[1-9]\d* sessions of 1 users have ended$/)])
      // What is revoked is read anew every two seconds, by the machine's clock.
      const refused = expect.poll(() => everywhere(String(signedIn.body?.token)), { timeout: SLOW_START_MS })
      await refused.toEqual([401, 401])
      const body = { refresh_token: signedIn.body?.refresh_token }
      expect(await one.call('POST', '/api/v1/auth/refresh', { body })).toMatchObject({ status: 401 })
      expect(await everywhere(await newToken(one))).toEqual([200, 200])
      expect(await isAudited('session.endAll')).toBe(true)
    },
    SLOW_START_MS,
  )

  it(
    'start no server under another key-encryption key, until the command has ended them under that one',
    async () => {
      const [one] = servers as [AssembledServer, AssembledServer]
      const database = new PgDatabase({ pool })
      const other = randomBytes(32).toString('base64')
      const ADMIN_PASSWORD = 'a lantern for seven otters'
      const startUnder = (key: string): Promise<AssembledServer> =>
        startAssembledServer({ database, environment: { KEY_ENCRYPTION_KEY: key, ADMIN_PASSWORD } })
      const token = await newToken(one)
      await expect(startUnder(other)).rejects.toMatchObject({
        code: 'SIGNING_KEY_INVALID',
        message: expect.stringMatching(
          /^KEY_ENCRYPTION_KEY: .*a comma and the old one\..*keys -- revoke --all$/,
        ),
      })
      expect((await commandUnder(other, 'list')).lines).toContain(
        `${keyIdOf(token)}  not made under KEY_ENCRYPTION_KEY, of no use here`,
      )
      servers.push(await startUnder(`${other},${KEY_ENCRYPTION_KEY}`))
      expect(await everywhere(token)).toEqual([200, 200, 200])

      const { lines } = await commandUnder(other, 'revoke', '--all')
      expect(lines).toEqual([expect.stringContaining('  active, since ')])
      const stopped = await Promise.all(servers.splice(0).map((server) => server.stop()))
      expect(stopped).toHaveLength(3)
      servers.push(await startUnder(other))
      expect(await everywhere(token)).toEqual([401])
      expect(await everywhere(await newToken(servers[0] as AssembledServer))).toEqual([200])
    },
    SLOW_START_MS,
  )

  it('lie there sealed', async () => {
    const { rows } = await pool.query('SELECT sealed_private_key AS sealed FROM token_signing_keys')
    for (const { sealed } of rows) if (sealed !== null) expect(sealed).toMatch(/^v1(\.[\w-]+){3}$/)
  })
})
