import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, test } from 'vitest'
import { requireWebhookSecret, signWebhook, verifyWebhook } from './webhook-signature.ts'

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
const now = new Date('2026-01-01T00:00:00.000Z')
const content = { id: 'alert_1', timestampSeconds: now.getTime() / 1000, body: '{"a":"é"}' }
const headers = { ...signWebhook(content, requireWebhookSecret(secret)) }

describe('verifyWebhook', () => {
  test('takes what was signed with the secret', () => {
    expect(verifyWebhook({ secret, headers, body: content.body, now })).toBe(true)
  })

  test('refuses another body, id, instant or secret, and missing or malformed headers', () => {
    const check = (changes: object, body = content.body): boolean =>
      verifyWebhook({ secret, headers: { ...headers, ...changes }, body, now })
    expect(check({}, '{"a":"e"}')).toBe(false)
    expect(check({ 'webhook-id': 'alert_2' })).toBe(false)
    expect(check({ 'webhook-timestamp': String(content.timestampSeconds + 1) })).toBe(false)
    expect(check({ 'webhook-timestamp': '1e9' })).toBe(false)
    expect(check({ 'webhook-signature': undefined })).toBe(false)
    expect(check({ 'webhook-signature': 'v1' })).toBe(false)
    expect(check({ 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') })).toBe(false)
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    expect(verifyWebhook({ secret: other, headers, body: content.body, now })).toBe(false)
  })

  test('refuses a delivery played again after five minutes', () => {
    const at = (seconds: number): boolean =>
      verifyWebhook({ secret, headers, body: content.body, now: new Date(now.getTime() + seconds * 1000) })
    expect([at(300), at(301), at(-300), at(-301)]).toEqual([true, false, true, false])
  })

  test('refuses a tolerance or a time that is none, under which a delivery of any age would pass', () => {
    const old = new Date(now.getTime() + 86_400_000)
    for (const [wrong, refused] of [
      [{ toleranceSeconds: Number.NaN }, invalidOption('toleranceSeconds')],
      [{ toleranceSeconds: -1 }, invalidOption('toleranceSeconds')],
      [{ now: new Date('') }, invalidOption('now', 'a valid Date')],
    ] as const) {
      expect(() => verifyWebhook({ secret, headers, body: content.body, now: old, ...wrong })).toThrow(
        refused,
      )
    }
  })

  test('one good signature among several is enough', () => {
    const both = `v1,AAAA ${headers['webhook-signature']}`
    expect(
      verifyWebhook({ secret, headers: { ...headers, 'webhook-signature': both }, body: content.body, now }),
    ).toBe(true)
  })

  // Computed apart from this code: printf 'alert_1.1767225600.{}' | openssl dgst -sha256 -hmac <key> -binary | base64
  test('signs as Standard Webhooks has it', () => {
    const key = requireWebhookSecret(secret)
    const signed = signWebhook({ id: 'alert_1', timestampSeconds: 1_767_225_600, body: '{}' }, key)
    expect(signed['webhook-signature']).toBe('v1,6VzRVt03rBOIY8AAvRpi5BhgqNyQam/LVDsYWGHOasQ=')
  })

  test('a secret that is short, long or without its mark is refused unseen', () => {
    for (const bad of [
      '',
      'whsec_',
      'whsec_AAAA',
      `whsec_${Buffer.alloc(65).toString('base64')}`,
      secret.slice(6),
    ]) {
      expect(() => requireWebhookSecret(bad)).toThrow('not shown')
    }
  })
})
