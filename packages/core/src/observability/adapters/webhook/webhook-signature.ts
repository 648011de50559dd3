import { createHmac, timingSafeEqual } from 'node:crypto'
import { InvalidOptionError, requireInteger, withDefaults } from '../../../errors/index.ts'

/** What is signed: the message's id, the instant of sending and the body, as Standard Webhooks 1.0 has it. */
export interface WebhookContent {
  /** The same for each attempt to deliver one message. */
  readonly id: string
  /** Seconds since 1970. */
  readonly timestampSeconds: number
  readonly body: string
}

/** The headers that carry id, instant and signature. */
export interface WebhookHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** How a delivery is checked. */
export interface VerifyWebhookOptions {
  /** `whsec_` and the key in base64. */
  readonly secret: string
  /** The headers as received, names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The body as received, before any parsing. */
  readonly body: string
  /** The present instant. */
  readonly now: Date
  /** Seconds that the instant may lie before or after `now`, so that an old delivery is not played again, 0 to 86400. Default 300. */
  readonly toleranceSeconds?: number | undefined
}

const DEFAULTS = Object.freeze({
  secret: undefined,
  headers: undefined,
  body: undefined,
  now: undefined,
  toleranceSeconds: 300,
})

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/

/**
 * Checks a webhook's secret.
 * @throws InvalidOptionError `INVALID_OPTION` unless it is `whsec_` followed by 24 to 64 bytes in base64; the error does
 * not show it.
 */
export function requireWebhookSecret(secret: string): Uint8Array {
  const [, encoded = ''] = SECRET.exec(secret) ?? []
  const key = Buffer.from(encoded, 'base64')
  if (key.length < 24 || key.length > 64) {
    throw new InvalidOptionError('secret', 'whsec_ followed by 24 to 64 bytes in base64', '(not shown)')
  }
  return key
}

/** The headers of a delivery, signed with HMAC-SHA-256. */
export function signWebhook(content: WebhookContent, key: Uint8Array): WebhookHeaders {
  const timestamp = String(content.timestampSeconds)
  return {
    'webhook-id': content.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signatureOf(content.id, timestamp, content.body, key).toString('base64')}`,
  }
}

/**
 * Whether a delivery was signed with the secret, within the tolerance; compares in constant time. One of several
 * signatures is enough, so that secrets can be changed over.
 * @throws InvalidOptionError `INVALID_OPTION` on a malformed secret, a tolerance out of its range, or a time that is none.
 */
export function verifyWebhook(options: VerifyWebhookOptions): boolean {
  const { secret, headers, body, now, toleranceSeconds } = withDefaults(options, DEFAULTS)
  const key = requireWebhookSecret(secret)
  // NaN, as of a variable that is not set, would let a delivery of any age pass.
  requireInteger('toleranceSeconds', toleranceSeconds, { max: 86_400 })
  if (!Number.isFinite(now?.getTime())) throw new InvalidOptionError('now', 'a valid Date', now)
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (!/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return false
  const expected = signatureOf(id, timestamp, body, key)
  return signatures.split(' ').some((signature) => {
    const [version, encoded = ''] = signature.split(',')
    const received = Buffer.from(encoded, 'base64')
    return version === 'v1' && received.length === expected.length && timingSafeEqual(received, expected)
  })
}

function signatureOf(id: string, timestamp: string, body: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
}
