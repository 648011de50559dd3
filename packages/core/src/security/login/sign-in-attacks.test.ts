import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { isGoldenError } from '../../errors/index.ts'
import {
  hashPassword,
  MemoryThrottleStore,
  MemoryUserStore,
  PasswordHasher,
  PasswordSignIn,
  type SignInRequest,
  SignInThrottle,
} from '../index.ts'
import { forgeClock } from '../testing/token-forge.ts'

const PASSWORD = 'correct horse battery'
const ADDRESS = '203.0.113.7'
const ROOT = { id: 'root', kind: 'human' } as const
let passwordHash = ''

beforeAll(async () => {
  passwordHash = await hashPassword(PASSWORD)
})

/** Counts what is hashed, and hashes nothing: the password alone decides. */
class CountingHasher extends PasswordHasher {
  hashed = 0

  override async verify(password: string, stored: string | undefined): Promise<boolean> {
    this.hashed++
    return stored !== undefined && password === PASSWORD
  }

  override needsRehash(): boolean {
    return false
  }
}

async function open() {
  const clock = forgeClock()
  const users = new MemoryUserStore({ clock })
  for (const name of ['ada@acme.example', 'bob@acme.example'])
    await users.create({ tenantId: 'acme', userId: name, name, role: 'developer', passwordHash }, ROOT)
  await users.create({ tenantId: 'acme', userId: 'nopass', name: 'nopass', role: 'developer' }, ROOT)
  const hasher = new CountingHasher()
  const throttle = new SignInThrottle({ store: new MemoryThrottleStore({ clock }), secret: randomBytes(32) })
  const signIn = new PasswordSignIn({ users, throttle, hasher, clock })
  /** `in`, or the code of the refusal. */
  const attempt = async (request: Partial<Record<keyof SignInRequest, unknown>>): Promise<string> => {
    try {
      // An attacker is bound by no type.
      await signIn.signIn({
        name: 'ada@acme.example',
        password: PASSWORD,
        address: ADDRESS,
        ...request,
      } as SignInRequest)
      return 'in'
    } catch (error) {
      return isGoldenError(error) ? error.code : `not ours: ${String(error)}`
    }
  }
  return { clock, users, hasher, signIn, attempt }
}

describe('attacks on signing in', () => {
  it('accepts the controls: the name in other letter case and with blanks around it', async () => {
    const { attempt } = await open()
    for (const name of [
      'ada@acme.example',
      'ADA@ACME.EXAMPLE',
      ' Ada@acme.example ',
      '\uff41da@acme.example',
    ])
      expect(await attempt({ name })).toBe('in')
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ['an unknown name', { name: 'nobody' }],
    ['an empty name', { name: '' }],
    ['a name of a megabyte', { name: 'a'.repeat(1_000_000) }],
    ['a name with NUL', { name: 'ada@acme.example\u0000' }],
    ['a name with a line end inside', { name: 'ada@acme\n.example' }],
    ['a name with a Cyrillic letter', { name: '\u0430da@acme.example' }],
    ['a name with a joiner', { name: 'a\u200dda@acme.example' }],
    ['a lone surrogate for a name', { name: '\ud800' }],
    ['a pattern', { name: '%@acme.example' }],
    ['a statement', { name: "ada@acme.example' OR '1'='1" }],
    ['__proto__', { name: '__proto__' }],
    ['constructor', { name: 'constructor' }],
    ['a user without a password', { name: 'nopass' }],
    ['a user without a password and none', { name: 'nopass', password: '' }],
    ['an empty password', { password: '' }],
    ['the password in capitals', { password: PASSWORD.toUpperCase() }],
    ['the password and a blank', { password: `${PASSWORD} ` }],
    ['the password and NUL', { password: `${PASSWORD}\u0000` }],
    ['the password cut', { password: PASSWORD.slice(0, -1) }],
    ['a password of ten megabytes', { password: 'a'.repeat(10_000_000) }],
    ['the hash', { password: 'hash' }],
    ['a device that was never given', { password: 'wrong', device: randomBytes(32).toString('base64url') }],
    ['a device of a megabyte', { password: 'wrong', device: 'a'.repeat(1_000_000) }],
  ])('refuses %s, in one and the same way', async (_name, request) => {
    const { attempt } = await open()
    expect(await attempt(request.password === 'hash' ? { password: passwordHash } : request)).toBe(
      'SIGN_IN_REFUSED',
    )
  })

  it.each(['name', 'password', 'address', 'device'] as const)(
    'throws nothing of its own where %s is no text',
    async (field) => {
      // A device need not be there: beside the right password, one that is none counts for nothing.
      const answers =
        field === 'device' ? /^(in|SIGN_IN_REFUSED|INVALID_OPTION)$/ : /^(SIGN_IN_REFUSED|INVALID_OPTION)$/
      for (const value of [null, 7, true, [], {}, ['ada@acme.example'], Buffer.from(PASSWORD), Symbol('x')]) {
        const { attempt } = await open()
        expect(await attempt({ [field]: value }), `${field} ${String(value)}`).toMatch(answers)
      }
    },
  )

  it('hashes five of a hundred guesses at once, however the name and the address are written', async () => {
    const names = ['ada@acme.example', 'ADA@acme.example', ' ada@acme.example', '\uff41da@acme.example']
    for (const name of [undefined, 'nobody@acme.example']) {
      const { attempt, hasher } = await open()
      const guesses = Array.from({ length: 100 }, (_, index) =>
        attempt({
          name: name ?? names[index % 4],
          password: `guess ${index}`,
          address: index % 2 ? ADDRESS : `::ffff:${ADDRESS}`,
        }),
      )
      const answers = new Set(await Promise.all(guesses))
      expect([...answers].every((answer) => ['SIGN_IN_REFUSED', 'SIGN_IN_THROTTLED'].includes(answer))).toBe(
        true,
      )
      expect(hasher.hashed).toBe(5)
    }
  })

  it('hashes five of a hundred guesses from one IPv6 network', async () => {
    const { attempt, hasher } = await open()
    for (let index = 0; index < 100; index++)
      await attempt({ password: 'guess', address: `2001:db8::${index.toString(16)}:1` })
    expect(hasher.hashed).toBe(5)
  })

  it('hashes ten guesses for one account from a hundred addresses, and made-up devices buy no more', async () => {
    for (const withDevice of [false, true]) {
      const { attempt, hasher } = await open()
      for (let index = 0; index < 100; index++) {
        const device = withDevice ? { device: randomBytes(32).toString('base64url') } : {}
        expect(await attempt({ password: 'guess', address: `198.51.100.${index}`, ...device })).toBe(
          'SIGN_IN_REFUSED',
        )
      }
      expect(hasher.hashed).toBe(10)
    }
  })

  it('hashes five guesses from one address whatever devices are made up', async () => {
    const { attempt, hasher } = await open()
    for (let index = 0; index < 50; index++) await attempt({ password: 'guess', device: `made up ${index}` })
    expect(hasher.hashed).toBe(5)
  })

  it('hashes thirty guesses from one address over a thousand names', async () => {
    const { attempt, hasher } = await open()
    const answers = []
    for (let index = 0; index < 200; index++)
      answers.push(await attempt({ name: `user ${index}`, password: 'guess' }))
    expect(hasher.hashed).toBe(30)
    expect(new Set(answers.slice(30))).toEqual(new Set(['SIGN_IN_THROTTLED']))
  })

  it('lets the victim in from a known place while an account is under attack, and a thief with another\u2019s device not', async () => {
    const { attempt, signIn } = await open()
    const { device } = await signIn.signIn({ name: 'ada@acme.example', password: PASSWORD, address: ADDRESS })
    const bob = await signIn.signIn({ name: 'bob@acme.example', password: PASSWORD, address: '192.0.2.9' })
    for (let index = 0; index < 50; index++)
      await attempt({ password: 'guess', address: `198.51.100.${index}` })
    expect(await attempt({ address: '192.0.2.77' })).toBe('SIGN_IN_REFUSED')
    expect(await attempt({ address: '192.0.2.77', device: bob.device })).toBe('SIGN_IN_REFUSED')
    expect(await attempt({ address: '192.0.2.77', device })).toBe('in')
    expect(await attempt({})).toBe('in')
  })

  it('does not give back the guesses of an account by a success of another in between', async () => {
    const { attempt, hasher } = await open()
    for (let index = 0; index < 20; index++) {
      await attempt({ password: `guess ${index}` })
      await attempt({ name: 'bob@acme.example' })
    }
    const guesses = hasher.hashed - 20
    expect(guesses).toBeLessThanOrEqual(5)
  })

  it('refuses a disabled user with the right password', async () => {
    const { attempt, users } = await open()
    await users.change({ tenantId: 'acme', userId: 'ada@acme.example' }, { disabled: true }, ROOT)
    expect(await attempt({})).toBe('SIGN_IN_REFUSED')
  })
})
