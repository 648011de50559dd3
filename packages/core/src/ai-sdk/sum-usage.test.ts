import { expect, it } from 'vitest'
import { llmUsageOf, sumAiSdkUsage } from './sum-usage.ts'
import { USAGE } from './testing/usage.ts'

it('sums each count of all calls', () => {
  expect(sumAiSdkUsage([USAGE, USAGE])).toEqual({
    inputTokens: { total: 20, noCache: 16, cacheRead: 4, cacheWrite: 0 },
    outputTokens: { total: 10, text: 8, reasoning: 2 },
  })
})

it('tells no count that one of the calls did not tell', () => {
  const partly = { inputTokens: { total: 7 }, outputTokens: { total: 1, reasoning: undefined } }
  const { inputTokens, outputTokens } = sumAiSdkUsage([USAGE, partly])
  expect(inputTokens).toEqual({ total: 17, noCache: undefined, cacheRead: undefined, cacheWrite: undefined })
  expect(outputTokens).toEqual({ total: 6, text: undefined, reasoning: undefined })
  expect(sumAiSdkUsage([USAGE, undefined]).inputTokens.total).toBeUndefined()
})

it('says it in the words of the validator', () => {
  expect(llmUsageOf(USAGE)).toEqual({
    ...{ inputTokens: 10, cachedReadTokens: 2, cachedWriteTokens: 0 },
    ...{ outputTokens: 5, reasoningTokens: 1 },
  })
  expect(llmUsageOf(undefined).inputTokens).toBeUndefined()
})
