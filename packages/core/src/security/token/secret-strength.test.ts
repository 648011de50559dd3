import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findSecretFault } from './secret-strength.ts'
import { importSigningSecret } from './signing-secret.ts'

describe('a secret', () => {
  it('of random bytes is taken, as bytes or as text', () => {
    for (let round = 0; round < 200; round++) {
      const bytes = randomBytes(32)
      expect(findSecretFault(bytes)).toBeUndefined()
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        expect(findSecretFault(Buffer.from(bytes.toString(encoding)), true)).toBeUndefined()
      }
    }
  })

  it.each<[string, string | Uint8Array]>([
    ['31 bytes', randomBytes(31)],
    ['1025 bytes', randomBytes(1025)],
    ['nothing', ''],
    ['zeros', Buffer.alloc(32)],
    ['one letter', 'x'.repeat(64)],
    ['two bytes in turn', Buffer.alloc(64, 'ab')],
    ['16 bytes twice', Buffer.concat(Array(2).fill(randomBytes(16)))],
    ['half a hexadecimal secret', randomBytes(16).toString('hex')],
    ['32 letters and digits', randomBytes(24).toString('base64')],
    ['digits', '31415926535897932384626433832795028841971693993751'],
    ['bytes in order', Uint8Array.from({ length: 32 }, (_, index) => index)],
    ['every third byte in order', Uint8Array.from({ length: 40 }, (_, index) => 255 - index * 3)],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'],
    ['a placeholder', `change-me-${'0123456789abcdefABCDEF'.split('').reverse().join('')}-please-xyzXYZ`],
    ['a word of samples', `My-Super-Secret-Key-${randomBytes(24).toString('hex')}`],
  ])('is refused that is %s', async (_name, secret) => {
    const refusal: unknown = await importSigningSecret(secret).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'SIGNING_KEY_INVALID' })
    if (typeof secret === 'string' && secret !== '') expect(JSON.stringify(refusal)).not.toContain(secret)
  })

  it('has an id that is its own, is the same each time, and a key that cannot be exported', async () => {
    const [one, other] = [randomBytes(32), randomBytes(32)]
    const [a, b, c] = await Promise.all([one, one, other].map((bytes) => importSigningSecret(bytes)))
    expect(a?.keyId).toBe(b?.keyId)
    expect(a?.keyId).not.toBe(c?.keyId)
    expect(a?.secretKey.extractable).toBe(false)
  })

  it('that is no text and no bytes is refused', async () => {
    for (const value of [undefined, null, 7, {}, []]) {
      // The cast lets in what a caller without types may pass.
      await expect(importSigningSecret(value as never)).rejects.toMatchObject({ code: 'SIGNING_KEY_INVALID' })
    }
  })
})
