import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { describeFailure } from './describe-failure.ts'
import { LlmValidator } from './llm-validator.ts'

const schema = z.object({ verdict: z.enum(['approve', 'reject']), score: z.number().int(), url: z.url() })

function feedbackOn(answer: string): string {
  const result = new LlmValidator({ schema }).parse(answer)
  if (result.ok) throw new Error('the answer was meant to be refused')
  return describeFailure(result)
}

describe('the feedback on a refused answer', () => {
  test('names each place, what is expected there, the kind of what came and the kind of fault', () => {
    expect(feedbackOn('{"verdict":"maybe","score":"9","url":"x"}')).toBe(
      [
        'Your answer was refused: the JSON does not fit the schema.',
        '- $.verdict: expected one of "approve", "reject", received string (invalid_value)',
        '- $.score: expected number, received string (invalid_type)',
        '- $.url: expected the format url, received string (invalid_format)',
        'Answer with strict JSON only, without any other text.',
      ].join('\n'),
    )
  })

  test('quotes keys that are no plain words, and cuts long ones', () => {
    const feedback = feedbackOn(`{"a b":{"${'k'.repeat(100)}":1,"${'k'.repeat(100)}":2}}`)
    expect(feedback).toContain(`- $["a b"]["${'k'.repeat(64)}…"]: expected each key once (duplicate_key)`)
  })

  test('asks for less when the answer was cut short', () => {
    expect(feedbackOn('{"verdict":')).toContain('Answer more briefly')
  })

  test('never repeats a value of the answer', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z]{12,30}$/),
        fc.stringMatching(/^[A-Z]{12,30}$/),
        (secret, other) => {
          const texts = [
            secret,
            JSON.stringify({ verdict: secret, score: secret, url: secret, [other]: 1 }),
            `{"url":"${secret}`,
          ]
          for (const text of texts) {
            expect(feedbackOn(text)).not.toContain(secret)
            expect(feedbackOn(text)).not.toContain(other)
          }
        },
      ),
    )
  })
})
