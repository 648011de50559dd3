import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../testing/assembled-server.ts'
import { runUsersCommand } from './users-command.ts'

describe('the command for users', () => {
  let server: AssembledServer

  beforeAll(async () => {
    server = await startAssembledServer()
  }, SLOW_START_MS)
  afterAll(() => server.stop())

  const command = async (line: string, password?: string): Promise<string> => {
    const lines: string[] = []
    const say = (one: string): unknown => lines.push(one)
    const { database } = server.system
    await runUsersCommand({ argv: line.split(' '), database, tenantId: 'acme', actor: 'ada', password, say })
    return lines.join('\n')
  }
  const signIn = async (username: string, password: string) =>
    (await server.call('POST', '/api/v1/auth/login', { body: { username, password } })).body
  const PASSWORD = 'a lantern for seven otters'

  it('adds somebody to a tenant, who signs in with the role and sees nothing of other tenants', async () => {
    await command('add eve developer --tenant globex', PASSWORD)
    const session = await signIn('eve', PASSWORD)
    expect(session).toMatchObject({ role: 'developer' })
    const { status, body } = await server.call('GET', '/api/v1/tasks', { token: String(session?.token) })
    expect([status, body?.tasks]).toEqual([200, []])
    expect(await command('list --tenant globex')).toMatch(/^eve {2}developer of globex {2}enabled/m)
    expect(await command('list')).not.toMatch(/^eve /m)
  })

  it('makes a password where none is given, says it once, and refuses a common one', async () => {
    const said = await command('add mia observer')
    const password = said.split('password: ')[1] ?? ''
    expect(await signIn('mia', password)).toMatchObject({ role: 'observer' })
    await expect(command('password mia', 'password123')).rejects.toMatchObject({
      code: 'PASSWORD_UNACCEPTABLE',
    })
  })

  it('changes a role, a password and who may sign in, and signs out who is changed', async () => {
    await command('add bob observer', PASSWORD)
    for (const [line, password] of [
      ['role bob operator'],
      ['password bob', 'eight otters at dawn'],
      ['disable bob'],
    ]) {
      await command('enable bob')
      await command('password bob', PASSWORD)
      const session = await signIn('bob', PASSWORD)
      await command(String(line), password)
      const body = { refresh_token: session?.refresh_token }
      expect([line, (await server.call('POST', '/api/v1/auth/refresh', { body })).status]).toEqual([
        line,
        401,
      ])
    }
    expect(await signIn('bob', PASSWORD)).toMatchObject({ error_code: 'SIGN_IN_REFUSED' })
    expect(await command('list')).toMatch(/bob {2}operator of acme {2}disabled since/)
  })

  it.each(['', 'add eve', 'add x developer --role y', 'role nobody admin', 'add x king', 'list all'])(
    'refuses what it does not understand: %j',
    async (line) => {
      await expect(command(line)).rejects.toThrow(
        /Usage: users|there is no user nobody|there is no role king/,
      )
    },
  )

  it('leaves what it did in the audit log', async () => {
    await command('add zoe observer', PASSWORD)
    await command('role zoe operator')
    const { rows } = await server.system.database.query<{ action: string }>(
      `SELECT DISTINCT action FROM audit_log WHERE actor = 'ada' ORDER BY action`,
    )
    expect(rows.map(({ action }) => action)).toEqual(['user.change', 'user.create'])
  })
})
