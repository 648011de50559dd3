import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { deriveTag } from './derive-tag.ts'
import { HashQueue } from './hash-queue.ts'
import { hashPassword, needsRehash, verifyPassword } from './password.ts'
import { formatPasswordHash, parsePasswordHash } from './password-hash.ts'
import { PasswordHasher } from './password-hasher.ts'
import { currentParameters, hasArgon2 } from './password-parameters.ts'

const password = 'correct horse battery'
const algorithms = hasArgon2() ? (['argon2id', 'scrypt'] as const) : (['scrypt'] as const)

describe('a password', () => {
  test.each(algorithms)('hashed with %s is verified, and no other is', async (algorithm) => {
    const stored = await hashPassword(password, { algorithm })
    expect(stored).toMatch(
      algorithm === 'argon2id' ? /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/ : /^\$scrypt\$ln=15,r=8,p=3\$/,
    )
    expect(await verifyPassword(password, stored)).toBe(true)
    expect(await verifyPassword(`${password} `, stored)).toBe(false)
    expect(await verifyPassword('', stored)).toBe(false)
  })

  test('has another salt each time', async () => {
    expect(await hashPassword(password)).not.toBe(await hashPassword(password))
  })

  test('counts by its last byte and is never cut', async () => {
    const long = 'x'.repeat(1023)
    const stored = await hashPassword(`${long}a`)
    expect(await verifyPassword(`${long}a`, stored)).toBe(true)
    expect(await verifyPassword(`${long}b`, stored)).toBe(false)
    expect(await verifyPassword(`${long}ab`, stored)).toBe(false)
  })

  test('typed with composed or combining accents is the same', async () => {
    const stored = await hashPassword('crème brûlée'.normalize('NFC'))
    expect(await verifyPassword('crème brûlée'.normalize('NFD'), stored)).toBe(true)
  })

  test.each(['', 'seven77', 'x'.repeat(1025), '💧'.repeat(7)])(
    'of the wrong length is not hashed',
    async (bad) => {
      await expect(hashPassword(bad)).rejects.toMatchObject({ code: 'PASSWORD_UNACCEPTABLE' })
    },
  )

  test('of an unknown user is false, after the same work as for a known one', async () => {
    const derive = vi.fn(deriveTag)
    const hasher = new PasswordHasher({ derive })
    const stored = await hasher.hash(password)
    expect(await hasher.verify('wrong password', stored)).toBe(false)
    expect(await hasher.verify('wrong password', undefined)).toBe(false)
    expect(derive).toHaveBeenCalledTimes(3)
    const [, known, unknown] = derive.mock.calls.map(([bytes, salt, tagBytes, parameters]) => ({
      text: bytes.toString(),
      saltBytes: salt.length,
      tagBytes,
      parameters,
    }))
    expect(unknown).toEqual(known)
  })
})

test('the tag of scrypt is that of RFC 7914, section 12', async () => {
  const parameters = { algorithm: 'scrypt', logN: 14, blockSize: 8, lanes: 1 } as const
  const tag = await deriveTag(Buffer.from('pleaseletmein'), Buffer.from('SodiumChloride'), 64, parameters)
  expect(tag.toString('hex')).toBe(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
      'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  )
})

describe('a stored hash', () => {
  test('is read back as it was written', () => {
    const parameters = fc.oneof(
      fc.record({
        algorithm: fc.constant('argon2id' as const),
        memoryKib: fc.integer({ min: 128, max: 65_536 }),
        passes: fc.integer({ min: 1, max: 16 }),
        lanes: fc.integer({ min: 1, max: 16 }),
      }),
      fc.record({
        algorithm: fc.constant('scrypt' as const),
        logN: fc.integer({ min: 1, max: 14 }),
        blockSize: fc.integer({ min: 1, max: 32 }),
        lanes: fc.integer({ min: 1, max: 16 }),
      }),
    )
    const bytes = (minLength: number): fc.Arbitrary<Buffer> =>
      fc.uint8Array({ minLength, maxLength: 64 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(parameters, bytes(8), bytes(16), (cost, salt, tag) => {
        const hash = { parameters: cost, salt, tag }
        expect(parsePasswordHash(formatPasswordHash(hash))).toEqual(hash)
      }),
    )
  })

  const tail = `$${'A'.repeat(22)}$${'A'.repeat(43)}`
  test.each([
    '',
    'secret',
    '$2b$10$abcdefghijklmnopqrstuv',
    `$argon2i$v=19$m=19456,t=2,p=1${tail}`,
    `$argon2id$v=16$m=19456,t=2,p=1${tail}`,
    `$argon2id$v=19$m=9999999,t=2,p=1${tail}`,
    `$argon2id$v=19$m=19456,t=0,p=1${tail}`,
    `$argon2id$v=19$m=019456,t=2,p=1${tail}`,
    `$scrypt$ln=30,r=8,p=1${tail}`,
    `$scrypt$ln=15,r=8,p=0${tail}`,
    `$scrypt$ln=15,r=8,p=3$AAAA$${'A'.repeat(43)}`,
    `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$AAAA`,
    `$scrypt$ln=15,r=8,p=3${tail} `,
  ])('that reads %j is refused, not taken for a wrong password', async (stored) => {
    await expect(verifyPassword(password, stored)).rejects.toMatchObject({ code: 'PASSWORD_HASH_INVALID' })
    expect(() => needsRehash(stored)).toThrow(expect.objectContaining({ code: 'PASSWORD_HASH_INVALID' }))
  })

  test('needs to be made anew exactly when its parameters are not those in force', async () => {
    expect(needsRehash(await hashPassword(password))).toBe(false)
    expect(needsRehash(`$argon2id$v=19$m=7168,t=5,p=1${tail}`)).toBe(true)
    expect(needsRehash(`$scrypt$ln=14,r=8,p=5${tail}`)).toBe(true)
  })

  test('is made with scrypt where there is no Argon2', () => {
    expect(currentParameters(false)).toEqual({ algorithm: 'scrypt', logN: 15, blockSize: 8, lanes: 3 })
    expect(currentParameters(true)).toMatchObject({ algorithm: 'argon2id' })
  })
})

describe('the queue of hashes', () => {
  const gate = (): { promise: Promise<void>; open: () => void } => {
    const { promise, resolve } = Promise.withResolvers<void>()
    return { promise, open: resolve }
  }
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  test('runs two at once and the others in their order, also when one fails', async () => {
    const queue = new HashQueue(2, 10)
    const gates = [gate(), gate(), gate(), gate()]
    const begun: number[] = []
    const runs = gates.map(({ promise }, index) =>
      queue.run(async () => {
        begun.push(index)
        await promise
        if (index === 0) throw new Error('failed')
      }),
    )
    const results = Promise.allSettled(runs)
    await settle()
    expect(begun).toEqual([0, 1])
    gates[0]?.open()
    await settle()
    expect(begun).toEqual([0, 1, 2])
    for (const one of gates) one.open()
    expect((await results).map((one) => one.status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(begun).toEqual([0, 1, 2, 3])
  })

  test('refuses at once when it is full, retryably, and takes more when it is not', async () => {
    const queue = new HashQueue(1, 1)
    const first = gate()
    const runs = [queue.run(() => first.promise), queue.run(async () => {})]
    await expect(queue.run(async () => {})).rejects.toMatchObject({ code: 'PASSWORD_BUSY', retryable: true })
    first.open()
    await Promise.all(runs)
    await expect(queue.run(async () => 'done')).resolves.toBe('done')
  })

  test('lets one who waits give up, and keeps the places of the others', async () => {
    const queue = new HashQueue(1, 2)
    const first = gate()
    const controller = new AbortController()
    const running = queue.run(() => first.promise)
    const given = queue.run(async () => 'never', controller.signal)
    const waiting = queue.run(async () => 'third')
    controller.abort()
    await expect(given).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(queue.run(async () => 'never', controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
    first.open()
    await running
    await expect(waiting).resolves.toBe('third')
  })
})
