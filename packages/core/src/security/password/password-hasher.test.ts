import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DeriveTag, deriveTag, nodeArgon2Tag } from './derive-tag.ts'
import { nativeArgon2 } from './native-argon2.ts'
import { parsePasswordHash } from './password-hash.ts'
import { PasswordHasher } from './password-hasher.ts'
import { currentParameters, hasNodeArgon2 } from './password-parameters.ts'

const password = 'correct horse battery'
const k1 = Buffer.alloc(32, 1)
const k2 = Buffer.alloc(32, 2)
const invalidHash = { code: 'PASSWORD_HASH_INVALID' }

/** As quick as a hash can be: what it is about here is what goes around it. */
const quickTag: DeriveTag = async (bytes, salt, tagBytes) => {
  const tag = Buffer.alloc(tagBytes, salt)
  for (const [index, byte] of bytes.entries()) tag[index % tagBytes] = (tag[index % tagBytes] ?? 0) ^ byte
  return tag
}
const withPepper = (keyId: string, keys: Record<string, Uint8Array>): PasswordHasher =>
  new PasswordHasher({ derive: quickTag, pepper: { keyId, keys } })
const plain = new PasswordHasher({ derive: quickTag })

describe('Argon2id', () => {
  test.skipIf(nativeArgon2() === undefined || !hasNodeArgon2())(
    'by the native package and by Node is the same, so that each verifies the other’s hashes',
    async () => {
      const [salt, parameters] = [Buffer.alloc(16, 9), { memoryKib: 64, passes: 2, lanes: 2 }]
      const bytes = Buffer.from(password)
      const native = await deriveTag(bytes, salt, 32, { algorithm: 'argon2id', ...parameters })
      const byNode = await nodeArgon2Tag(bytes, salt, 32, { algorithm: 'argon2id', ...parameters })
      expect(native.toString('hex')).toBe(byNode.toString('hex'))
    },
  )
})

describe('a pepper', () => {
  test('goes into the hash, its id stands in it, and without it nothing is verified', async () => {
    const peppered = withPepper('k1', { k1 })
    const stored = await peppered.hash(password)
    expect(stored).toMatch(/,keyid=k1\$/)
    expect(await peppered.verify(password, stored)).toBe(true)
    expect(await peppered.verify('wrong password', stored)).toBe(false)
    await expect(plain.verify(password, stored)).rejects.toMatchObject(invalidHash)
    expect(await withPepper('k1', { k1: k2 }).verify(password, stored)).toBe(false)
    const { parameters, salt, tag } = parsePasswordHash(stored)
    expect((await quickTag(Buffer.from(password), salt, 32, parameters)).equals(tag)).toBe(false)
    expect(await plain.verify(password, stored.replace(',keyid=k1', ''))).toBe(false)
  })

  test('takes over from none or from another as each password is hashed anew', async () => {
    const [first, both] = [withPepper('k1', { k1 }), withPepper('k2', { k1, k2 })]
    for (const old of [await plain.hash(password), await first.hash(password)]) {
      expect(await both.verify(password, old)).toBe(true)
      expect(both.needsRehash(old)).toBe(true)
    }
    const stored = await both.hash(password)
    expect(both.needsRehash(stored)).toBe(false)
    expect(plain.needsRehash(stored)).toBe(true)
    await expect(first.verify(password, stored)).rejects.toMatchObject(invalidHash)
  })

  test('costs an unknown user what it costs a known one', async () => {
    const calls: number[][] = []
    const derive: DeriveTag = (...call) => {
      calls.push([call[1].length, call[2]])
      return quickTag(...call)
    }
    const hasher = new PasswordHasher({ derive, pepper: { keyId: 'k1', keys: { k1 } } })
    await hasher.verify('wrong password', await hasher.hash(password))
    expect(await hasher.verify('wrong password', undefined)).toBe(false)
    expect(calls).toHaveLength(3)
    expect(calls[2]).toEqual(calls[1])
  })

  const ID = ['keyId', 'the id of one of pepper.keys'] as const
  const IDS = ['keys', 'ids of 1 to 11 letters and digits'] as const
  const KEY = ['keys.k1', 'at least 32 bytes'] as const
  test.each<[string, Record<string, Uint8Array>, readonly [option: string, rule: string]]>([
    ['k2', { k1 }, ID],
    ['constructor', { k1 }, ID],
    ['k1', { k1: Buffer.alloc(31) }, KEY],
    ['k-1', { 'k-1': k1 }, IDS],
    ['k1', { k1, 'k$m=1': k1 }, IDS],
    ['x'.repeat(12), { ['x'.repeat(12)]: k1 }, IDS],
    // The cast stands for code without types.
    ['k1', { k1: 'x'.repeat(32) as unknown as Uint8Array }, KEY],
  ])('of key %s is refused where it is none, and its key stays out of the error', (keyId, keys, refused) => {
    let thrown: unknown
    try {
      withPepper(keyId, keys)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toEqual(invalidOption(`pepper.${refused[0]}`, refused[1]))
    expect(JSON.stringify(thrown)).not.toContain('xxxxxxxxxxxxxxxx')
  })
})

describe('a hasher', () => {
  test('hashes and verifies any password of a right length, and tells it from any other', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        fc.pre([...one.normalize('NFC')].length >= 8 && Buffer.byteLength(one) <= 1024)
        const stored = await plain.hash(one)
        expect(await plain.verify(one.normalize('NFD'), stored)).toBe(true)
        // The quick hash folds long passwords; equal length makes it tell every two apart.
        if (one.normalize('NFC').length !== other.normalize('NFC').length || Buffer.byteLength(one) > 32)
          return
        expect(await plain.verify(other, stored)).toBe(one.normalize('NFC') === other.normalize('NFC'))
      }),
      { numRuns: 50 },
    )
  })

  test('counts letter case, blanks and compatibility forms', async () => {
    const stored = await plain.hash('Pass Phrase ①')
    for (const other of ['pass phrase ①', 'PassPhrase①', 'Pass Phrase 1', ' Pass Phrase ①'])
      expect(await plain.verify(other, stored)).toBe(false)
  })

  test('refuses further work at once when its queue is full', async () => {
    const gate = Promise.withResolvers<void>()
    const derive: DeriveTag = async (...call) => {
      await gate.promise
      return quickTag(...call)
    }
    const hasher = new PasswordHasher({ derive, maxConcurrent: 1, maxQueueLength: 0 })
    const first = hasher.hash(password)
    await expect(hasher.verify(password, undefined)).rejects.toMatchObject({
      code: 'PASSWORD_BUSY',
      retryable: true,
    })
    gate.resolve()
    expect(await hasher.verify(password, await first)).toBe(true)
  })

  test.each([
    ['maxConcurrent', 0],
    ['maxConcurrent', 65],
    ['maxQueueLength', -1],
    ['maxQueueLength', 0.5],
  ])('refuses %s of %d', (option, value) => {
    expect(() => new PasswordHasher({ [option]: value })).toThrow(invalidOption(option))
  })

  test('takes no password that is no text', async () => {
    // The casts stand for code without types.
    for (const bad of [undefined, null, 12_345_678, {}])
      await expect(plain.hash(bad as unknown as string)).rejects.toEqual(
        invalidOption('password', 'a string'),
      )
  })

  test('makes hashes with the parameters in force', async () => {
    expect(parsePasswordHash(await plain.hash(password)).parameters).toEqual(currentParameters())
  })
})
