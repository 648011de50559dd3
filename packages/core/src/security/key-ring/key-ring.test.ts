import { randomBytes } from 'node:crypto'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../observability/testing/index.ts'
import { FakeClock } from '../../time/testing/index.ts'
import { MemoryKeyRingStore } from '../adapters/memory/memory-key-ring-store.ts'
import { TokenIssuer } from '../token/token-issuer.ts'
import { KeyEncryption } from './key-encryption.ts'
import { KeyRing } from './key-ring.ts'
import type { KeyRingOptions } from './key-ring-options.ts'

const keyEncryptionKeys = [randomBytes(32)]
const DAY_MS = 86_400_000

function setUp(options: Partial<KeyRingOptions> = {}): {
  readonly clock: FakeClock
  readonly store: MemoryKeyRingStore
  readonly ring: KeyRing
} {
  const clock = new FakeClock()
  const store = new MemoryKeyRingStore({ clock })
  return {
    clock,
    store,
    ring: new KeyRing({ store, keyEncryptionKeys, algorithm: 'EdDSA', clock, ...options }),
  }
}
const statuses = async (ring: KeyRing): Promise<readonly string[]> =>
  (await ring.list()).map(({ state }) => state.status)

describe('a key ring', () => {
  it('signs with one key for 30 days, and makes the next one 15 minutes before', async () => {
    const { clock, ring } = setUp()
    const first = await ring.signingKey()
    await clock.advance(30 * DAY_MS - 900_001)
    expect((await ring.rotateIfDue()).created).toEqual([])
    await clock.advance(1)
    const [next] = (await ring.rotateIfDue()).created
    expect((await ring.rotateIfDue()).created).toEqual([])
    expect(await statuses(ring)).toEqual(['active', 'next'])
    expect((await ring.jwks()).jwks.keys.map(({ kid }) => kid).sort()).toEqual([first.keyId, next].sort())
    await clock.advance(899_999)
    expect((await ring.signingKey()).keyId).toBe(first.keyId)
    await clock.advance(1)
    expect((await ring.signingKey()).keyId).toBe(next)
    expect(await ring.verificationKey(first.keyId)).toBeDefined()
    await clock.advance(900_000 + 60_000 + 5000)
    expect(await ring.verificationKey(first.keyId)).toBeUndefined()
    expect(await statuses(ring)).toEqual(['retired', 'active'])
  })

  it('wipes the private key that is retired, once, and forgets the key after 30 days', async () => {
    const { clock, store, ring } = setUp()
    await ring.signingKey()
    await ring.rotate()
    await clock.advance(900_000 + 965_000)
    await ring.rotateIfDue()
    const sealed = async (): Promise<readonly boolean[]> =>
      (await store.load()).keys.map(({ sealedPrivateKey }) => sealedPrivateKey !== undefined)
    expect(await sealed()).toEqual([false, true])
    await clock.advance(30 * DAY_MS + 1)
    await ring.rotateIfDue()
    expect((await store.load()).keys.some(({ sealedPrivateKey }) => sealedPrivateKey === undefined)).toBe(
      false,
    )
  })

  it('refuses all where its store cannot be read for 5 seconds, and says that it may be asked again', async () => {
    const logger = new RecordingLogger()
    const { clock, store, ring } = setUp({ logger })
    const { keyId } = await ring.signingKey()
    expect(logger.lines).toEqual([{ level: 'info', message: 'signing key made', fields: { keyId } }])
    store.load = () => Promise.reject(new Error('down'))
    await clock.advance(5000)
    expect(await ring.verificationKey(keyId)).toBeDefined()
    await clock.advance(1)
    const unavailable = expect.objectContaining({ code: 'TOKEN_KEYS_UNAVAILABLE', retryable: true })
    await expect(ring.verificationKey(keyId)).rejects.toEqual(unavailable)
    await expect(ring.signingKey()).rejects.toEqual(unavailable)
    await expect(ring.jwks()).rejects.toEqual(unavailable)
    await expect(ring.list()).rejects.toEqual(unavailable)
    expect(logger.lines.at(-1)).toEqual({
      ...{ level: 'error', message: 'key ring not read', fields: { err: new Error('down') } },
    })
  })

  it('opens its keys while the key-encryption key is in the list, in whatever place', async () => {
    const { clock, store, ring } = setUp()
    const { keyId } = await ring.signingKey()
    const [old] = keyEncryptionKeys
    const fresh = randomBytes(32)
    const later = new KeyRing({ store, keyEncryptionKeys: [fresh, old ?? fresh], algorithm: 'EdDSA', clock })
    expect((await later.signingKey()).keyId).toBe(keyId)
    const logger = new RecordingLogger()
    const stranger = new KeyRing({ store, keyEncryptionKeys: [fresh], algorithm: 'EdDSA', clock, logger })
    expect(await stranger.verificationKey(keyId)).toBeUndefined()
    await clock.advance(3000)
    await stranger.list()
    const message = 'keys without proof are left out of the key ring'
    expect(logger.lines).toEqual([{ level: 'error', message, fields: { keyIds: [keyId] } }])
  })

  it('makes no key beside those of other key-encryption keys, until theirs is given too or they are revoked', async () => {
    const { clock, store, ring } = setUp()
    const { keyId } = await ring.signingKey()
    const [old = randomBytes(32)] = keyEncryptionKeys
    const fresh = randomBytes(32)
    const open = (...keys: readonly Uint8Array[]): KeyRing =>
      new KeyRing({ store, keyEncryptionKeys: keys, algorithm: 'EdDSA', clock })
    const other = open(fresh)
    const refused = {
      code: 'SIGNING_KEY_INVALID',
      message: 'no key-encryption key made the keys of the store',
    }
    await expect(other.signingKey()).rejects.toMatchObject(refused)
    expect(await other.rotateIfDue()).toEqual({ created: [] })
    expect(await other.rotate()).toEqual({ created: [] })
    expect((await store.load()).keys.map((key) => key.keyId)).toEqual([keyId])
    expect((await open(fresh, old).signingKey()).keyId).toBe(keyId)
    await other.revoke(keyId)
    expect((await other.signingKey()).keyId).not.toBe(keyId)
  })

  it('makes one key where two begin at once under different key-encryption keys', async () => {
    const { clock, store } = setUp()
    const rings = [1, 2].map(
      () => new KeyRing({ store, keyEncryptionKeys: [randomBytes(32)], algorithm: 'EdDSA', clock }),
    )
    const begun = await Promise.allSettled(rings.map((ring) => ring.signingKey()))
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await store.load()).keys).toHaveLength(1)
  })

  it('goes on beside keys of others once a key was its own, were it revoked or the last one taken away', async () => {
    const { clock, store, ring } = setUp()
    const { keyId } = await ring.signingKey()
    const intruder = setUp({ keyEncryptionKeys: [randomBytes(32)], clock })
    await intruder.ring.signingKey()
    const [planted] = (await intruder.store.load()).keys
    if (planted === undefined) throw new Error('no key')
    await store.change(({ now }) => [
      { kind: 'add', key: planted },
      { kind: 'revoke', keyId, revokedAt: now },
    ])
    const again = new KeyRing({ store, keyEncryptionKeys, algorithm: 'EdDSA', clock })
    const own = await again.signingKey()
    expect([keyId, planted.keyId]).not.toContain(own.keyId)
    await store.change(({ keys }) =>
      keys.filter((key) => key.keyId !== planted.keyId).map((key) => ({ kind: 'forget', keyId: key.keyId })),
    )
    await clock.advance(5001)
    expect([keyId, planted.keyId, own.keyId]).not.toContain((await again.signingKey()).keyId)
  })

  it('signs nothing where the private half was exchanged or changed in the store', async () => {
    const { clock, store, ring } = setUp()
    const { keyId } = await ring.signingKey()
    const contents = await store.load()
    for (const sealedPrivateKey of [
      'v1.x.y.z',
      contents.keys[0]?.sealedPrivateKey?.slice(0, -2) ?? '',
      'v1',
    ]) {
      store.load = async () => ({
        ...contents,
        keys: contents.keys.map((key) => ({ ...key, sealedPrivateKey })),
      })
      const again = new KeyRing({ store, keyEncryptionKeys, clock })
      await expect(again.signingKey()).rejects.toMatchObject({ code: 'SIGNING_KEY_INVALID' })
      expect(await again.verificationKey(keyId)).toBeDefined()
    }
  })

  it('publishes nothing that was added to a public key in the store', async () => {
    const { clock, store, ring } = setUp()
    const { publicJwk } = await ring.signingKey()
    const { keys, now } = await store.load()
    const changed = { ...publicJwk, kid: 'x', use: 'enc', x5u: 'https://example.com', d: 'AAAA' }
    store.load = async () => ({ keys: keys.map((key) => ({ ...key, publicJwk: changed })), now })
    const again = new KeyRing({ store, keyEncryptionKeys, clock })
    expect((await again.jwks()).jwks.keys).toEqual([publicJwk])
    expect((await again.verificationKey(publicJwk.kid ?? ''))?.key.type).toBe('public')
  })

  it('leaves nothing behind of a process that dies between making a key and storing it', async () => {
    const { store, ring } = setUp()
    const change = store.change.bind(store)
    store.change = () => Promise.reject(new Error('the process is gone'))
    await expect(ring.signingKey()).rejects.toMatchObject({ code: 'TOKEN_KEYS_UNAVAILABLE' })
    expect((await store.load()).keys).toEqual([])
    store.change = change
    expect((await ring.signingKey()).algorithm).toBe('EdDSA')
  })

  it('tells of a key that was revoked, and of the one that was made in its place', async () => {
    const logger = new RecordingLogger()
    const { ring } = setUp({ logger })
    const { keyId } = await ring.signingKey()
    await ring.revoke(keyId)
    const made = await ring.signingKey()
    expect(logger.lines.slice(1)).toEqual([
      { level: 'warn', message: 'signing key revoked', fields: { keyId } },
      { level: 'info', message: 'signing key made', fields: { keyId: made.keyId } },
    ])
    await expect(ring.revoke('any')).rejects.toMatchObject({
      ...{ code: 'KEY_UNKNOWN', message: 'the ring has no such key' },
    })
    expect(logger.lines).toHaveLength(3)
  })

  it('waits 10 seconds for a store that never answers, and no longer', async () => {
    const { clock, store, ring } = setUp()
    await ring.signingKey()
    const never = (): Promise<never> => new Promise(() => {})
    store.change = never
    const late = expect.objectContaining({ code: 'DEADLINE_EXCEEDED' })
    const revoked = expect(ring.revoke('any')).rejects.toEqual(late)
    await clock.advance(10_000)
    await revoked
    store.load = never
    const rotated = expect(ring.rotateIfDue()).rejects.toEqual(late)
    await clock.advance(10_000)
    await rotated
  })

  it('signs with the key that another process made between its two looks at the store', async () => {
    const { clock, store, ring } = setUp()
    const empty = await store.load()
    const { keyId } = await ring.signingKey()
    let looks = 0
    const late = new KeyRing({
      store: {
        load: async () => (looks++ === 0 ? empty : store.load()),
        change: (decide) => store.change(decide),
      },
      ...{ keyEncryptionKeys, clock },
    })
    expect((await late.signingKey()).keyId).toBe(keyId)
  })

  it('goes on after a process that died between revoking a key and putting another in its place', async () => {
    const { clock, store, ring } = setUp()
    const { keyId } = await ring.signingKey()
    await store.change(({ now }) => [{ kind: 'revoke', keyId, revokedAt: now }])
    await clock.advance(5001)
    expect((await ring.signingKey()).keyId).not.toBe(keyId)
    expect(await statuses(ring)).toEqual(['retired', 'active'])
  })

  it('lets nobody issue tokens that live longer than it keeps its keys', () => {
    const { ring } = setUp({ maxTokenLifetimeSeconds: 600 })
    const options = { keys: ring, issuer: 'golden', audience: 'api' }
    expect(() => new TokenIssuer(options)).toThrow(invalidOption('lifetimeSeconds'))
    expect(() => new TokenIssuer({ ...options, lifetimeSeconds: 600 })).not.toThrow()
  })

  it.each<[string, Partial<KeyRingOptions>, string, string?]>([
    ['no key-encryption key', { keyEncryptionKeys: [] }, 'keyEncryptionKeys', '1 to 8 keys'],
    ['a short one', { keyEncryptionKeys: [randomBytes(31)] }, 'keyEncryptionKeys', 'keys of 32 bytes'],
    [
      'one that is not random',
      { keyEncryptionKeys: [Buffer.alloc(32, 7)] },
      'keyEncryptionKeys',
      'keys that are random: fewer than 20 different bytes',
    ],
    [
      'nine of them',
      { keyEncryptionKeys: Array.from({ length: 9 }, () => randomBytes(32)) },
      'keyEncryptionKeys',
      '1 to 8 keys',
    ],
    ['an unknown algorithm', { algorithm: 'HS256' as never }, 'algorithm'],
    [
      'a publication shorter than the cache',
      { jwksMaxAgeSeconds: 300, publishAheadMs: 359_999 },
      'publishAheadMs',
    ],
    [
      'a rotation within the publication',
      { publishAheadMs: 900_000, rotateAfterMs: 1_799_999 },
      'rotateAfterMs',
    ],
    ['a staleness below the refresh', { refreshAfterMs: 3000, staleAfterMs: 2999 }, 'staleAfterMs'],
    ['a timeout above the staleness', { staleAfterMs: 5000, timeoutMs: 5001 }, 'timeoutMs'],
    ['no store', { store: {} as never }, 'store'],
  ])('is not made with %s', (_name, options, option, rule) => {
    expect(() => setUp(options)).toThrow(invalidOption(option, rule))
  })
})

describe('the encryption of keys', () => {
  const encryption = new KeyEncryption(keyEncryptionKeys)

  it('opens what it sealed in the same context alone, and never seals alike', () => {
    const [a, b] = [encryption.seal('text', 'one'), encryption.seal('text', 'one')]
    expect(a).not.toBe(b)
    expect(encryption.open(a, 'one')).toBe('text')
    expect(encryption.open(a, 'other')).toBeUndefined()
    expect(new KeyEncryption([randomBytes(32)]).open(a, 'one')).toBeUndefined()
  })

  it('opens nothing of which a single character was changed', () => {
    const sealed = encryption.seal('text', 'one')
    for (let index = 0; index < sealed.length; index++) {
      // The last character of a part may carry spare bits: the bytes are then the same.
      const other = sealed[index] === 'A' ? 'g' : 'A'
      const changed = sealed.slice(0, index) + other + sealed.slice(index + 1)
      const opened = encryption.open(changed, 'one')
      const isSame = changed.split('.').every((part, at) => {
        const before = sealed.split('.')[at] ?? ''
        return at < 2
          ? part === before
          : Buffer.from(part, 'base64url').equals(Buffer.from(before, 'base64url'))
      })
      expect(opened).toBe(isSame ? 'text' : undefined)
    }
  })

  it('proves a text, and no other', () => {
    const proof = encryption.prove('text')
    expect(encryption.isProven('text', proof)).toBe(true)
    for (const [text, given] of [
      ['other', proof],
      ['text', `${proof.split('.')[0]}.AAAA`],
      ['text', ''],
      ['text', 'x.y'],
    ]) {
      expect(encryption.isProven(text ?? '', given ?? '')).toBe(false)
    }
  })
})
