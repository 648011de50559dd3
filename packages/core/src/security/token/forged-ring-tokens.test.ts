import { randomBytes, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { FakeClock } from '../../time/testing/index.ts'
import { KeyRing, type KeyRingStore, MemoryKeyRingStore, TokenVerifier } from '../index.ts'
import {
  base64url,
  FORGE_AUDIENCE,
  FORGE_ISSUER,
  forge,
  forgeClock,
  verdict,
} from '../testing/token-forge.ts'

/** A ring that signs for whoever holds it, and a verifier of its keys. */
function openRing(store: KeyRingStore, clock: FakeClock, keyEncryptionKey = randomBytes(32)) {
  const keys = new KeyRing({ store, keyEncryptionKeys: [keyEncryptionKey], algorithm: 'ES256', clock })
  return {
    keys,
    verifier: new TokenVerifier({ keys, issuer: FORGE_ISSUER, audience: FORGE_AUDIENCE, clock }),
  }
}

/** A token that the ring's active key has signed, as of the clock's now. */
async function signedBy(keys: KeyRing, clock: FakeClock, keyId?: string): Promise<string> {
  const { keyId: own, privateKey } = await keys.signingKey()
  const iat = Math.floor(clock.now().getTime() / 1000)
  const unsigned = forge(
    { algorithm: 'ES256', keyId: keyId ?? own, sign: () => Buffer.alloc(0) },
    { claims: { iat, exp: iat + 900 } },
  )
  const input = unsigned.slice(0, -1)
  const signature = await webcrypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    privateKey,
    Buffer.from(input),
  )
  return `${input}.${base64url(new Uint8Array(signature))}`
}

describe('tokens and the keys of a ring', () => {
  it('are refused where they name the next, a retired or a revoked key, or one of another ring', async () => {
    const clock = forgeClock()
    const { keys, verifier } = openRing(new MemoryKeyRingStore({ clock }), clock)
    const other = openRing(new MemoryKeyRingStore({ clock }), clock)
    const first = await signedBy(keys, clock)
    expect(await verdict(verifier, first)).toBe('accepted')
    expect(await verdict(verifier, await signedBy(other.keys, clock))).toBe('TOKEN_INVALID')
    const { keyId } = await keys.signingKey()
    expect(await verdict(verifier, await signedBy(other.keys, clock, keyId))).toBe('TOKEN_INVALID')

    const [next = ''] = (await keys.rotate()).created
    expect(await verdict(verifier, await signedBy(keys, clock, next))).toBe('TOKEN_INVALID')
    await clock.advance(15 * 60_000 + 5_000)
    expect((await keys.signingKey()).keyId).toBe(next)
    expect(await verdict(verifier, await signedBy(keys, clock))).toBe('accepted')
    expect(await verdict(verifier, await signedBy(keys, clock, keyId))).toBe('TOKEN_INVALID')
    expect(await verdict(verifier, first)).toBe('TOKEN_EXPIRED')

    const current = await signedBy(keys, clock)
    await keys.revoke(next)
    expect(await verdict(verifier, current)).toBe('TOKEN_INVALID')
    expect(await verdict(verifier, await signedBy(keys, clock))).toBe('accepted')
    await clock.advance(60 * 60_000)
    expect(await verdict(verifier, first)).toBe('TOKEN_INVALID')
  })

  it('are refused where their key is a row that the ring did not write', async () => {
    const clock = forgeClock()
    const honest = new MemoryKeyRingStore({ clock })
    const intruder = openRing(new MemoryKeyRingStore({ clock }), clock)
    const planted = await signedBy(intruder.keys, clock)
    const [foreign] = (await intruder.keys.jwks()).jwks.keys
    if (foreign?.kid === undefined) throw new Error('no key')
    for (const renamed of [foreign.kid, undefined]) {
      const store: KeyRingStore = {
        change: (decide) => honest.change(decide),
        load: async () => {
          const contents = await honest.load()
          const rows = contents.keys.map((row) => ({
            ...row,
            publicJwk: { ...foreign, kid: renamed ?? row.keyId },
          }))
          const added = rows.map((row) => ({ ...row, keyId: renamed ?? row.keyId }))
          return { ...contents, keys: renamed === undefined ? added : [...contents.keys, ...added] }
        },
      }
      const keyEncryptionKey = randomBytes(32)
      const own = openRing(honest, clock, keyEncryptionKey)
      const { keyId } = await own.keys.signingKey().catch(() => ({ keyId: foreign.kid ?? '' }))
      const { verifier } = openRing(store, clock, keyEncryptionKey)
      expect(await verdict(verifier, planted)).toBe('TOKEN_INVALID')
      expect(await verdict(verifier, await signedBy(intruder.keys, clock, keyId))).toBe('TOKEN_INVALID')
    }
  })
})
