import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isGoldenError } from '../../errors/index.ts'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { MemoryRefreshTokenStore, RefreshTokenService, type RefreshTokenServiceOptions } from '../index.ts'
import { forgeClock } from '../testing/token-forge.ts'

const ADA = { tenantId: 'acme', subject: 'ada' }
const key = () => randomBytes(16).toString('base64url')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

function open(options: Partial<RefreshTokenServiceOptions> = {}) {
  const clock = forgeClock()
  const logger = new RecordingLogger()
  const ended: string[] = []
  const revocations = {
    revokeSubject: async ({ tenantId, subject }: { tenantId: string; subject: string }) =>
      void ended.push(`${tenantId}/${subject}`),
  }
  const store = new MemoryRefreshTokenStore({ clock })
  const sessions = new RefreshTokenService({
    store,
    isEnabled: async () => true,
    revocations,
    logger,
    ...options,
  })
  return { sessions, clock, logger, ended }
}

/** The successor, or the code of the refusal. */
async function exchange(sessions: RefreshTokenService, token: unknown, retryKey?: unknown): Promise<string> {
  try {
    // A thief is bound by no type.
    const options = retryKey === undefined ? {} : { retryKey: retryKey as string }
    return (await sessions.refresh(token as string, options)).token
  } catch (error) {
    return isGoldenError(error) ? error.code : `not ours: ${String(error)}`
  }
}

const INVALID = 'REFRESH_TOKEN_INVALID'

describe('refresh tokens in the wrong hands', () => {
  it('accepts the control: each token once, one after the other', async () => {
    const { sessions, ended } = open()
    let { token } = await sessions.issue(ADA)
    for (let round = 0; round < 5; round++) {
      const renewed = await sessions.refresh(token)
      expect(renewed).toMatchObject(ADA)
      token = renewed.token
    }
    expect(ended).toEqual([])
  })

  it.each<readonly [string, (token: string) => unknown]>([
    ['nothing', () => ''],
    ['undefined', () => undefined],
    ['null', () => null],
    ['a number', () => 7],
    ['a list', (token) => [token]],
    ['an object that turns into it', (token) => ({ toString: () => token })],
    ['a String object', (token) => Object(token)],
    ['bytes', (token) => Buffer.from(token)],
    ['a symbol', () => Symbol('token')],
    ['its prefix alone', () => 'gart_'],
    ['it without its prefix', (token) => token.slice(5)],
    ['its prefix in capitals', (token) => token.replace('gart_', 'GART_')],
    ['it in capitals', (token) => token.toUpperCase()],
    ['it in small letters', (token) => token.toLowerCase().replace(/.$/, '0')],
    ['it cut by a letter', (token) => token.slice(0, -1)],
    ['it and a letter', (token) => `${token}A`],
    ['it and padding', (token) => `${token}=`],
    ['it and a blank', (token) => `${token} `],
    ['a blank and it', (token) => ` ${token}`],
    ['it and a line end', (token) => `${token}\n`],
    ['it and NUL', (token) => `${token}\u0000`],
    ['it twice', (token) => token + token],
    ['its last letter spelt otherwise', (token) => token.slice(0, -1) + nextLetter(token.slice(-1))],
    ['it in plain base64', (token) => `${token.slice(0, 20)}+/${token.slice(22)}`],
    ['full-width letters', (token) => `${token.slice(0, -1)}\uff21`],
    [
      'a letter with the same low byte',
      (token) => token.slice(0, -1) + String.fromCharCode(0x100 + token.charCodeAt(47)),
    ],
    ['zeros', () => `gart_${'A'.repeat(43)}`],
    ['random letters', () => `gart_${randomBytes(32).toString('base64url')}`],
    ['a pattern', () => 'gart_%'],
    ['a statement', () => "gart_' OR '1'='1"],
    ['a megabyte', (token) => token.padEnd(1_000_000, 'A')],
    ['ten megabytes of blanks after it', (token) => token.padEnd(10_000_000)],
    ['__proto__', () => '__proto__'],
    ['an access token', () => 'eyJhbGciOiJub25lIn0.e30.'],
  ])('refuses %s, and the session goes on', async (_name, make) => {
    const { sessions, ended, logger } = open()
    const { token } = await sessions.issue(ADA)
    const forged = make(token)
    expect(await exchange(sessions, forged)).toBe(INVALID)
    expect(await exchange(sessions, forged, key())).toBe(INVALID)
    await sessions.revoke(forged as string)
    expect(ended).toEqual([])
    expect(JSON.stringify(logger.lines)).not.toContain(token.slice(10, 30))
    expect(await exchange(sessions, token)).toMatch(/^gart_/)
  })

  it('ends the session, its successors and the user\u2019s access tokens where a spent one comes again', async () => {
    for (const age of [1, 2, 5]) {
      const { sessions, ended } = open()
      const { token } = await sessions.issue(ADA)
      let latest = token
      for (let round = 0; round < age; round++)
        latest = (await sessions.refresh(latest, { retryKey: key() })).token
      expect(await exchange(sessions, token)).toBe(INVALID)
      expect(ended).toContain('acme/ada')
      expect(await exchange(sessions, latest)).toBe(INVALID)
    }
  })

  it('ends the session where a thief sends a spent one with a retry key of his own', async () => {
    for (const guess of [key(), 'A'.repeat(22), 'A'.repeat(256)]) {
      const { sessions, ended } = open()
      const { token } = await sessions.issue(ADA)
      const next = await sessions.refresh(token, { retryKey: key() })
      expect(await exchange(sessions, token, guess)).toBe(INVALID)
      expect(ended).toEqual(['acme/ada'])
      expect(await exchange(sessions, next.token)).toBe(INVALID)
    }
  })

  it('gives a request that is sent again the same successor, and nothing once that was used or a minute has passed', async () => {
    const { sessions, clock, ended } = open()
    const first = await sessions.issue(ADA)
    const retryKey = key()
    const next = await exchange(sessions, first.token, retryKey)
    expect(await exchange(sessions, first.token, retryKey)).toBe(next)
    const after = await exchange(sessions, next, key())
    expect(after).toMatch(/^gart_/)
    expect(await exchange(sessions, first.token, retryKey)).toBe(INVALID)
    expect(await exchange(sessions, after)).toBe(INVALID)
    expect(ended).toEqual(['acme/ada'])

    const second = await sessions.issue(ADA)
    const unused = await exchange(sessions, second.token, retryKey)
    await clock.advance(MINUTE + 1)
    expect(await exchange(sessions, second.token, retryKey)).toBe(INVALID)
    expect(await exchange(sessions, unused)).toBe(INVALID)
  })

  it.each([2, 8, 50])(
    'answers one of %i exchanges at once, and the theft ends the session',
    async (count) => {
      const { sessions } = open()
      const { token } = await sessions.issue(ADA)
      const answers = await Promise.all(Array.from({ length: count }, () => exchange(sessions, token)))
      const won = answers.filter((answer) => answer !== INVALID)
      expect(won).toHaveLength(1)
      expect(await exchange(sessions, won[0])).toBe(INVALID)
    },
  )

  it('answers all of one request that is sent many times at once with one successor', async () => {
    const { sessions, ended } = open()
    const { token } = await sessions.issue(ADA)
    const retryKey = key()
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(sessions, token, retryKey)))
    expect(new Set(answers).size).toBe(1)
    expect(ended).toEqual([])
    expect(await exchange(sessions, answers[0])).toMatch(/^gart_/)
  })

  it.each([
    '',
    'short',
    'A'.repeat(21),
    'A'.repeat(257),
    'x'.repeat(1_000_000),
    7,
    null,
    {},
    ['A'.repeat(22)],
  ])('refuses a retry key that is none, and spends nothing (%#)', async (retryKey) => {
    const { sessions } = open()
    const { token } = await sessions.issue(ADA)
    expect(await exchange(sessions, token, retryKey)).toBe('INVALID_OPTION')
    expect(await exchange(sessions, token)).toMatch(/^gart_/)
  })

  it('keeps the sessions of users, tenants and devices apart', async () => {
    const { sessions, ended } = open()
    const stolen = await sessions.issue(ADA)
    const others = [
      await sessions.issue(ADA),
      await sessions.issue({ tenantId: 'acme', subject: 'bob' }),
      await sessions.issue({ tenantId: 'other', subject: 'ada' }),
    ]
    await sessions.refresh(stolen.token)
    expect(await exchange(sessions, stolen.token)).toBe(INVALID)
    expect(ended).toEqual(['acme/ada'])
    for (const { token, tenantId, subject } of others.slice(1))
      expect(await sessions.refresh(token)).toMatchObject({ tenantId, subject })
    expect(await sessions.revokeSubject({ tenantId: 'acme', subject: 'nobody' })).toBe(0)
    expect(await sessions.revokeSubject({ tenantId: 'nowhere', subject: 'ada' })).toBe(0)
  })

  it('refuses a token after sign-out, by whichever token of the session', async () => {
    for (const which of ['first', 'latest'] as const) {
      const { sessions } = open()
      const first = (await sessions.issue(ADA)).token
      const latest = (await sessions.refresh(first)).token
      await sessions.revoke(which === 'first' ? first : latest)
      expect(await exchange(sessions, latest)).toBe(INVALID)
      expect(await exchange(sessions, first)).toBe(INVALID)
    }
  })

  it('refuses a token of a user who is disabled, and one that nobody used for fourteen days or ninety in all', async () => {
    const disabled = open({ isEnabled: async () => false })
    expect(await exchange(disabled.sessions, (await disabled.sessions.issue(ADA)).token)).toBe(INVALID)

    const idle = open()
    const { token } = await idle.sessions.issue(ADA)
    await idle.clock.advance(14 * DAY + 1)
    expect(await exchange(idle.sessions, token)).toBe(INVALID)

    const busy = open()
    let latest = (await busy.sessions.issue(ADA)).token
    for (let day = 0; day < 88; day += 8) {
      await busy.clock.advance(8 * DAY)
      latest = await exchange(busy.sessions, latest)
      expect(latest).toMatch(/^gart_/)
    }
    await busy.clock.advance(2 * DAY + 1)
    expect(await exchange(busy.sessions, latest)).toBe(INVALID)
  })

  it('says of every refusal the same', async () => {
    const { sessions } = open()
    const spent = (await sessions.issue(ADA)).token
    await sessions.refresh(spent)
    const said = new Set<string>()
    for (const token of [spent, spent, '', 'gart_', `gart_${randomBytes(32).toString('base64url')}`]) {
      const error: unknown = await sessions.refresh(token).catch((thrown: unknown) => thrown)
      if (!isGoldenError(error)) throw new Error('accepted')
      said.add(JSON.stringify([error.code, error.message, error.details, error.retryable, error.cause]))
    }
    expect([...said]).toHaveLength(1)
  })
})

/** Another letter whose bits beyond the last byte differ alone. */
function nextLetter(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return letters[letters.indexOf(letter) + 1] ?? 'A'
}
