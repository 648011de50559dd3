import { describe, expect, it } from 'vitest'
import { sumUsage } from './llm-usage.ts'

describe('sumUsage', () => {
  it('sums what is known and counts the calls of which input or output is not', () => {
    const calls = [
      { inputTokens: 10, outputTokens: 2, reasoningTokens: 1, cachedReadTokens: 4 },
      { inputTokens: 5 },
      undefined,
      { inputTokens: 1, outputTokens: 1, cachedWriteTokens: 7 },
    ]
    expect(sumUsage(calls)).toEqual({
      inputTokens: 16,
      outputTokens: 3,
      reasoningTokens: 1,
      cachedReadTokens: 4,
      cachedWriteTokens: 7,
      unknownCalls: 2,
    })
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('does not believe a count of %s', (count) => {
    expect(sumUsage([{ inputTokens: count, outputTokens: 1 }])).toMatchObject({
      inputTokens: 0,
      outputTokens: 1,
      unknownCalls: 1,
    })
  })
})
