import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServerLog } from '../../server-log.ts'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

const SECRET = 'pKz3vW8q-this-one-signs-the-tokens-of-the-test-9cJ2'
let server: AssembledServer
let logged = ''
const destination = new Writable({
  write(chunk, _encoding, done) {
    logged += String(chunk)
    done()
  },
})

beforeAll(async () => {
  server = await startAssembledServer({ logger: createServerLog('debug', [], destination) })
}, SLOW_START_MS)
afterAll(() => server.stop())

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  server.call('POST', `/api/v1/auth/${path}`, { body, headers })
const signIn = (name: string, password: string = server.password): Promise<Answer> =>
  post('login', { username: name, password })

describe('sign-in', () => {
  it('gives what a client needs, and says when it ends', async () => {
    const { status, body, headers } = await signIn('developer@acme')
    expect(status).toBe(200)
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.stringMatching(/^\S{20,}$/),
      role: 'developer',
      permissions: expect.arrayContaining(['task:create', 'budget:use']),
      expires_in: 900,
    })
    expect(body?.permissions).toHaveLength(8)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('set-cookie')).toMatch(
      /^golden-device=[\w-]+; Max-Age=\d+; Path=\/api\/v1\/auth\/login; HttpOnly; SameSite=Strict$/,
    )
  })

  it('names the permissions over the whole system to people of the home tenant alone', async () => {
    const ofSystem = async (name: string): Promise<unknown> => {
      const { permissions = [] } = (await signIn(name)).body as { permissions?: string[] }
      return permissions.filter((one) => /^(breaker|system):manage$/.test(one))
    }
    expect(await ofSystem('admin@acme')).toEqual(['breaker:manage', 'system:manage'])
    expect(await ofSystem('admin@globex')).toEqual([])
  })

  it('tells a wrong password from an unknown user in nothing', async () => {
    const wrong = await signIn('observer@acme', 'a wrong password')
    const unknown = await signIn('nobody@acme', 'a wrong password')
    const plain = ({ status, text }: Answer): unknown => [status, text.replace(/"request_id":"[^"]+"/, '')]
    expect(wrong.status).toBe(401)
    expect(plain(unknown)).toEqual(plain(wrong))
  })

  it('keeps out whoever guesses on, with the right password too', async () => {
    for (let index = 0; index < 10; index++) await signIn('observer@globex', `guess number ${index}`)
    expect((await signIn('observer@globex')).status).toBe(401)
    expect((await signIn('operator@globex')).status).toBe(200)
  })

  it('refuses a user who is disabled, and ends his sessions at their next refresh', async () => {
    const { body } = await signIn('developer@globex')
    const user = { tenantId: 'globex', userId: 'developer-of-globex' }
    await server.gateway.users.change(user, { disabled: true }, { id: 'test', kind: 'service' })
    expect((await signIn('developer@globex')).status).toBe(401)
    expect((await post('refresh', { refresh_token: body?.refresh_token })).status).toBe(401)
  })

  it.each([
    {},
    { username: 'a' },
    { username: 'a', password: '' },
    { username: 'a', password: 'b', extra: 1 },
    [],
  ])('takes nothing but a name and a password: not %j', async (body) => {
    expect((await post('login', body)).status).toBe(422)
  })
})

describe('a session', () => {
  it('goes on with its refresh token, once for each', async () => {
    const first = await signIn('operator@acme')
    const second = await post('refresh', { refresh_token: first.body?.refresh_token })
    expect(second.body).toMatchObject({ role: 'operator', expires_in: 900 })
    expect(second.body?.refresh_token).not.toBe(first.body?.refresh_token)
    const token = String(second.body?.token)
    expect((await server.call('GET', '/stats', { token })).status).toBe(200)
  })

  it('ends where a spent refresh token comes again: one of the two was stolen', async () => {
    const first = await signIn('admin@globex')
    const second = await post('refresh', { refresh_token: first.body?.refresh_token })
    const again = await post('refresh', { refresh_token: first.body?.refresh_token })
    expect([again.status, again.body?.error_code]).toEqual([401, 'REFRESH_TOKEN_INVALID'])
    expect((await post('refresh', { refresh_token: second.body?.refresh_token })).status).toBe(401)
  })

  it('that begins in the second in which all others of the user ended is as good as any', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const stolen = (await signIn('operator@acme')).body?.refresh_token
      for (let time = 0; time < 2; time++) await post('refresh', { refresh_token: stolen })
      const token = String((await signIn('operator@acme')).body?.token)
      expect((await server.call('GET', '/stats', { token })).status).toBe(200)
    }
  })

  it('is given again to a client who lost the answer and says so', async () => {
    const first = await signIn('operator@acme')
    const body = { refresh_token: first.body?.refresh_token, retry_key: 'a-random-key-of-22-or-more' }
    const [one, two] = [await post('refresh', body), await post('refresh', body)]
    expect(two.body?.refresh_token).toBe(one.body?.refresh_token)
  })

  it('ends with sign-out: neither of its tokens is taken any more', async () => {
    const { body } = await signIn('operator@acme')
    const token = String(body?.token)
    expect((await server.call('GET', '/stats', { token })).status).toBe(200)
    const ended = await post(
      'logout',
      { refresh_token: body?.refresh_token },
      { authorization: `Bearer ${token}` },
    )
    expect([ended.status, ended.text]).toEqual([204, ''])
    expect(ended.headers.get('ratelimit-policy')).toBe('"sign-out";q=100000;w=60')
    const refused = await server.call('GET', '/stats', { token })
    expect([refused.status, refused.body?.error_code]).toEqual([401, 'TOKEN_INVALID'])
    expect((await post('refresh', { refresh_token: body?.refresh_token })).status).toBe(401)
  })

  it('says no more of a token than that it is not accepted', async () => {
    const token = await server.tokenOf('admin')
    const [head = '', payload = '', signature = ''] = token.split('.')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    for (const forged of [
      `${none}.${payload}.`,
      `${head}.${payload}.${signature.slice(0, -6)}AAAAAA`,
      'x',
      `${token}=`,
    ]) {
      const { status, body } = await server.call('GET', '/stats', { token: forged })
      expect(status).toBe(401)
      expect(body).toMatchObject({ error_code: 'TOKEN_INVALID', message: 'the token is not accepted' })
      expect(body).not.toHaveProperty('details')
    }
  })
})

describe('the public keys', () => {
  it('are public only, and may be kept for a while', async () => {
    const { body, headers } = await server.call('GET', '/.well-known/jwks.json')
    expect(body).toMatchObject({ keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.any(String) }] })
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
      expect(JSON.stringify(body)).not.toContain(`"${name}":`)
    expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/)
  })

  it(
    'are none where a secret signs',
    async () => {
      const small = await startAssembledServer({ environment: { JWT_SECRET: SECRET, TLS_IN_FRONT: 'true' } })
      expect((await small.call('GET', '/.well-known/jwks.json')).body).toEqual({ keys: [] })
      const token = await small.tokenOf('admin')
      expect((await small.call('GET', '/stats', { token })).status).toBe(200)
      const { username, password } = small.gateway.signIn
      const { headers } = await small.call('POST', '/api/v1/auth/login', { body: { username, password } })
      expect(headers.get('set-cookie')).toMatch(/; Secure$/)
      await small.stop()
    },
    SLOW_START_MS,
  )
})

describe('the log of it all', () => {
  it('holds no password and no token', async () => {
    const { body } = await signIn('operator@globex')
    const refreshed = await post('refresh', { refresh_token: body?.refresh_token })
    const denied = await server.call('GET', '/api/v1/audit', { token: await server.tokenOf('anonymous') })
    expect(denied.status).toBe(403)
    await post('refresh', { refresh_token: body?.refresh_token })
    await signIn('operator@globex', 'hunter2hunter2')
    expect(logged).toContain('request answered')
    expect(logged).toContain('refresh token reused')
    const secrets = [body?.token, body?.refresh_token, refreshed.body?.token, refreshed.body?.refresh_token]
    for (const secret of [...secrets, server.password, 'hunter2hunter2', await server.tokenOf('anonymous')]) {
      expect(logged).not.toContain(String(secret))
    }
    expect(logged).not.toMatch(/eyJ[\w-]+\.eyJ|Bearer [\w-]{8}|\$argon2|\$scrypt/)
  })

  it('and the audit log hold sign-out, and each session that was stolen', async () => {
    const { body } = await signIn('operator@acme')
    await post('refresh', { refresh_token: body?.refresh_token })
    await post('refresh', { refresh_token: body?.refresh_token })
    const left = await signIn('operator@acme')
    await post('logout', { refresh_token: left.body?.refresh_token })
    const token = await server.tokenOf('admin')
    const read = async (action: string): Promise<unknown> =>
      (await server.call('GET', `/api/v1/audit?action=${action}`, { token })).body?.entries
    await expect
      .poll(() => read('session.refresh'), { timeout: 60_000 })
      .toContainEqual(
        expect.objectContaining({
          outcome: 'denied',
          details: { reason: 'reused', user: 'operator-of-acme' },
        }),
      )
    await expect
      .poll(() => read('user.signOut'), { timeout: 60_000 })
      .toContainEqual(
        expect.objectContaining({ actor: { id: 'operator-of-acme', kind: 'human' }, outcome: 'allowed' }),
      )
  })

  it('and the audit log hold every sign-in and denial, and no secret either', async () => {
    await signIn('admin@acme')
    const token = await server.tokenOf('admin')
    await server.call('GET', '/api/v1/audit', { token: await server.tokenOf('observer') })
    const read = async (): Promise<Answer> => server.call('GET', '/api/v1/audit?limit=200', { token })
    await expect
      .poll(async () => (await read()).body?.entries, { timeout: 60_000 })
      .toContainEqual(expect.objectContaining({ action: 'access.require', outcome: 'denied' }))
    const { body, text } = await read()
    expect(body?.entries).toContainEqual(
      expect.objectContaining({ action: 'user.signIn', outcome: 'allowed', resource: 'user/admin-of-acme' }),
    )
    expect(text).not.toMatch(/\$argon2|\$scrypt|a lantern/)
  })
})
