import { createHmac, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import {
  closeListeners,
  json,
  jwkOf,
  listen,
  open,
  own,
  partner,
  partnerJwk,
  partnerToken,
  stranger,
} from '../testing/partner-forge.ts'
import { forge, verdict } from '../testing/token-forge.ts'

afterEach(closeListeners)

/** What is said of the token where the key set is no good: nothing can be said, or it is refused; accepted never. */
const REFUSED = /^(TOKEN_INVALID|TOKEN_KEYS_UNAVAILABLE)$/

describe('key sets that nobody should trust', () => {
  const BODIES: readonly (readonly [string, () => unknown])[] = [
    ['HTML', () => '<!doctype html><title>{"keys":[]}</title>'],
    ['nothing', () => ''],
    ['null', () => 'null'],
    ['a list', () => [partnerJwk]],
    ['a text', () => '"keys"'],
    ['no keys', () => ({})],
    ['keys that are an object', () => ({ keys: { 0: partnerJwk, length: 1 } })],
    ['keys that are null', () => ({ keys: null })],
    ['an empty list of keys', () => ({ keys: [] })],
    ['keys that are no objects', () => ({ keys: [null, 7, 'key', [], true] })],
    ['keys by __proto__', () => `{"__proto__":${JSON.stringify({ keys: [partnerJwk] })}}`],
    ['a key without an id', () => ({ keys: [{ ...partnerJwk, kid: undefined }] })],
    ['a key for encryption', () => ({ keys: [{ ...partnerJwk, use: 'enc' }] })],
    ['a key of another algorithm', () => ({ keys: [{ ...partnerJwk, alg: 'ES384' }] })],
    ['a key off its curve', () => ({ keys: [{ ...partnerJwk, x: 'A'.repeat(43) }] })],
    ['a key of another curve', () => ({ keys: [{ ...partnerJwk, crv: 'P-384' }] })],
    [
      'a key with its private half',
      () => ({ keys: [{ ...partnerJwk, d: partner.privateKey?.export({ format: 'jwk' }).d }] }),
    ],
    ['a key cut off', () => JSON.stringify({ keys: [partnerJwk] }).slice(0, -3)],
    ['ten megabytes', () => JSON.stringify({ keys: [partnerJwk], x: 'y'.repeat(10_000_000) })],
    [
      'ten megabytes of keys',
      () => ({ keys: Array.from({ length: 40_000 }, (_, index) => ({ ...partnerJwk, kid: `k${index}` })) }),
    ],
    ['lists in one another', () => `{"keys":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ]

  it.each(BODIES)('accepts no token by %s', async (_name, body) => {
    const { url } = await listen(json(body()))
    const { verifier } = open(url)
    expect(await verdict(verifier, partnerToken())).toMatch(REFUSED)
    expect(await verdict(verifier, partnerToken({ header: { kid: 'undefined' } }))).toMatch(REFUSED)
    expect(await verdict(verifier, forge(own))).toBe('accepted')
  })

  it('takes no HMAC under a symmetric key that the set publishes, nor under its public one', async () => {
    const secret = randomBytes(32)
    const k = secret.toString('base64url')
    for (const alg of ['HS256', 'ES256', undefined]) {
      const { url } = await listen(
        json({
          keys: [
            partnerJwk,
            { kty: 'oct', k, kid: 'o', alg },
            { ...partnerJwk, kty: 'oct', k, kid: 'p', alg },
          ],
        }),
      )
      const { verifier } = open(url)
      for (const kid of ['o', 'p', partner.keyId]) {
        for (const key of [secret, ...partner.publicForms]) {
          const token = partnerToken({
            header: { alg: 'HS256', kid },
            signature: (input) => createHmac('sha256', key).update(input).digest(),
          })
          expect(await verdict(verifier, token)).toMatch(REFUSED)
        }
      }
    }
  })

  it('never takes the stranger\u2019s of two keys with one id for the partner\u2019s where that comes first', async () => {
    const imposter = { ...(await jwkOf(stranger)), kid: partner.keyId }
    for (const keys of [
      [partnerJwk, imposter],
      [imposter, partnerJwk],
    ]) {
      const { url } = await listen(json({ keys }))
      const { verifier } = open(url)
      const answers = [
        await verdict(verifier, partnerToken()),
        await verdict(verifier, partnerToken({ header: { kid: partner.keyId } }, stranger)),
      ]
      expect(answers.filter((answer) => answer === 'accepted').length).toBeLessThanOrEqual(1)
      for (const answer of answers)
        expect(answer).toMatch(/^(accepted|TOKEN_INVALID|TOKEN_KEYS_UNAVAILABLE)$/)
    }
  })

  it('keeps our own key ids to ourselves though the set claims them', async () => {
    const { url } = await listen(json({ keys: [partnerJwk, { ...(await jwkOf(stranger)), kid: own.keyId }] }))
    const { verifier } = open(url)
    expect(await verdict(verifier, partnerToken())).toBe('accepted')
    expect(await verdict(verifier, forge({ ...stranger, keyId: own.keyId }))).toBe('TOKEN_INVALID')
    expect(await verdict(verifier, forge(own))).toBe('accepted')
  })

  it.each([301, 302, 303, 307, 308])('follows no redirect (%i)', async (status) => {
    const trap = await listen(json({ keys: [partnerJwk] }))
    const { url } = await listen(
      (_request, response) => void response.writeHead(status, { location: trap.url }).end(),
    )
    const { verifier } = open(url)
    expect(await verdict(verifier, partnerToken())).toMatch(REFUSED)
    expect(trap.seen.connections).toBe(0)
  })

  it.each([201, 203, 204, 206, 400, 401, 404, 429, 500, 503])(
    'takes no key from an answer with status %i',
    async (status) => {
      const { url } = await listen(
        (_request, response) =>
          void response
            .writeHead(status)
            .end(status === 204 ? undefined : JSON.stringify({ keys: [partnerJwk] })),
      )
      const { verifier } = open(url)
      expect(await verdict(verifier, partnerToken())).toMatch(REFUSED)
    },
  )

  it.each(['never begins', 'begins and never ends'])('gives up on an answer that %s', async (how) => {
    let asked: () => void = () => {}
    const request = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { url } = await listen((_request, response) => {
      if (how !== 'never begins')
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"keys":[')
      asked()
    })
    const { verifier, clock } = open(url, { timeoutMs: 100 })
    const answer = verdict(verifier, partnerToken())
    await request
    await clock.advance(100)
    expect(await answer).toBe('TOKEN_KEYS_UNAVAILABLE')
    expect(await verdict(verifier, forge(own))).toBe('accepted')
  })

  it('stops reading an answer that has no end', async () => {
    const { url } = await listen((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      }
      response.on('drain', more).on('error', () => {})
      more()
    })
    const { verifier } = open(url)
    expect(await verdict(verifier, partnerToken())).toBe('TOKEN_KEYS_UNAVAILABLE')
  })
})
