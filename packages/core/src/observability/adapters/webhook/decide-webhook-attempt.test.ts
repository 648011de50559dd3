import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideWebhookAttempt, type WebhookAnswer } from './decide-webhook-attempt.ts'

const policy = { maxAttempts: 4, initialDelayMs: 100, maxDelayMs: 1000 }
const status = (code: number, retryAfter: string | null = null): WebhookAnswer => ({
  kind: 'status',
  status: code,
  retryAfter,
})

describe('decideWebhookAttempt', () => {
  test('a receiver that refuses for good, or sends elsewhere, is not asked again', () => {
    for (const code of [301, 307, 400, 401, 404, 410, 422]) {
      expect(decideWebhookAttempt(status(code), 1, policy, 0)).toEqual({ kind: 'dropped', reason: 'refused' })
    }
  })

  test('no answer, 408, 425, 429 and 5xx are tried again until the attempts are used up', () => {
    for (const answer of [
      { kind: 'no-answer' } as const,
      ...[408, 425, 429, 500, 503].map((one) => status(one)),
    ]) {
      expect(decideWebhookAttempt(answer, 3, policy, 1)).toEqual({ kind: 'retry', delayMs: 400 })
      expect(decideWebhookAttempt(answer, 4, policy, 1)).toEqual({
        kind: 'dropped',
        reason: 'attempts-exhausted',
      })
    }
  })

  test('Retry-After lengthens the pause, never beyond the maximum', () => {
    const wide = { ...policy, maxDelayMs: 60_000 }
    expect(decideWebhookAttempt(status(429, '7'), 1, wide, 0)).toEqual({ kind: 'retry', delayMs: 7000 })
    expect(decideWebhookAttempt(status(429, '900'), 1, wide, 0)).toEqual({ kind: 'retry', delayMs: 60_000 })
    expect(decideWebhookAttempt(status(503, 'soon'), 1, wide, 0)).toEqual({ kind: 'retry', delayMs: 50 })
  })

  test('a pause lies between half the grown delay and the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const decision = decideWebhookAttempt({ kind: 'no-answer' }, attempt, policy, random)
          const grown = 100 * 2 ** (attempt - 1)
          expect(
            decision.kind === 'retry' && decision.delayMs >= grown / 2 && decision.delayMs <= grown,
          ).toBe(true)
        },
      ),
    )
  })
})
