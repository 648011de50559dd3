import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partUsage } from './model-usage.ts'
import { usageFromAiSdk, usageFromAnthropic, usageFromLangChain, usageFromOpenAi } from './provider-usage.ts'

const nothing = { uncachedInput: 0, cachedRead: 0, cachedWrite: 0, answer: 0, reasoning: 0 }

describe('usage of OpenAI', () => {
  const parts = (usage: Parameters<typeof usageFromOpenAi>[0]) => partUsage(usageFromOpenAi(usage))

  it('of Chat Completions: cached and reasoning tokens are parts of the totals', () => {
    const usage = {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920 },
      completion_tokens_details: { reasoning_tokens: 192 },
    }
    expect(parts(usage)).toEqual({
      uncachedInput: 86,
      cachedRead: 1920,
      cachedWrite: 0,
      answer: 108,
      reasoning: 192,
      total: 2306,
      basis: 'actual',
    })
  })

  it('of Responses: the same under other names', () => {
    const usage = {
      input_tokens: 36,
      input_tokens_details: { cached_tokens: 12 },
      output_tokens: 87,
      output_tokens_details: { reasoning_tokens: 50 },
      total_tokens: 123,
    }
    expect(parts(usage)).toMatchObject({
      uncachedInput: 24,
      cachedRead: 12,
      answer: 37,
      reasoning: 50,
      total: 123,
    })
  })

  it('of a compatible provider whose total shows the reasoning beside the output', () => {
    const usage = {
      prompt_tokens: 32,
      completion_tokens: 9,
      total_tokens: 135,
      completion_tokens_details: { reasoning_tokens: 94 },
    }
    expect(parts(usage)).toMatchObject({ answer: 9, reasoning: 94, total: 135, basis: 'actual' })
  })
})

describe('usage of Anthropic', () => {
  it('its input leaves the cached tokens out, so they are added, not taken off', () => {
    const usage = {
      input_tokens: 50,
      cache_read_input_tokens: 100_000,
      cache_creation_input_tokens: 248,
      output_tokens: 503,
    }
    expect(partUsage(usageFromAnthropic(usage))).toEqual({
      uncachedInput: 50,
      cachedRead: 100_000,
      cachedWrite: 248,
      answer: 503,
      reasoning: 0,
      total: 100_801,
      basis: 'actual',
    })
  })

  it('null details count as none', () => {
    const usage = {
      input_tokens: 5,
      output_tokens: 6,
      cache_read_input_tokens: null,
      cache_creation_input_tokens: null,
    }
    expect(partUsage(usageFromAnthropic(usage))).toMatchObject({
      uncachedInput: 5,
      total: 11,
      basis: 'actual',
    })
  })
})

describe('usage of the AI SDK', () => {
  it('its totals count the details', () => {
    const usage = {
      inputTokens: 100,
      inputTokenDetails: { noCacheTokens: 30, cacheReadTokens: 60, cacheWriteTokens: 10 },
      outputTokens: 40,
      outputTokenDetails: { textTokens: 15, reasoningTokens: 25 },
      totalTokens: 140,
    }
    expect(partUsage(usageFromAiSdk(usage))).toEqual({
      uncachedInput: 30,
      cachedRead: 60,
      cachedWrite: 10,
      answer: 15,
      reasoning: 25,
      total: 140,
      basis: 'actual',
    })
  })

  it('all of it undefined, as after an aborted stream, is an estimate of nothing', () => {
    const usage = {
      inputTokens: undefined,
      inputTokenDetails: { cacheReadTokens: undefined, cacheWriteTokens: undefined },
      outputTokens: undefined,
      outputTokenDetails: { reasoningTokens: undefined },
    }
    expect(partUsage(usageFromAiSdk(usage))).toEqual({ ...nothing, total: 0, basis: 'estimate' })
  })
})

describe('usage of LangChain', () => {
  it('its totals count the details', () => {
    const usage = {
      input_tokens: 100,
      input_token_details: { cache_read: 60, cache_creation: 10, audio: undefined },
      output_tokens: 40,
      output_token_details: { reasoning: 25 },
      total_tokens: 140,
    }
    expect(partUsage(usageFromLangChain(usage))).toEqual({
      uncachedInput: 30,
      cachedRead: 60,
      cachedWrite: 10,
      answer: 15,
      reasoning: 25,
      total: 140,
      basis: 'actual',
    })
  })

  it('reasoning that its total shows beside the output is counted beside it', () => {
    const usage = { input_tokens: 100, output_tokens: 15, output_token_details: { reasoning: 25 } }
    const beside = partUsage(usageFromLangChain({ ...usage, total_tokens: 140 }))
    expect(beside).toMatchObject({ answer: 15, reasoning: 25, total: 140, basis: 'actual' })
  })

  it('an output that is left out is what the total leaves for it', () => {
    const silent = partUsage(usageFromLangChain({ input_tokens: 20, total_tokens: 20 }))
    expect(silent).toMatchObject({ answer: 0, total: 20, basis: 'actual' })
    expect(partUsage(usageFromLangChain({ input_tokens: 20 }))).toMatchObject({
      total: 20,
      basis: 'estimate',
    })
    const less = partUsage(usageFromLangChain({ input_tokens: 20, total_tokens: 10 }))
    expect(less).toMatchObject({ total: 0, basis: 'estimate' })
  })
})

const any = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constant(null),
  fc.constant(undefined),
  fc.maxSafeInteger(),
)

describe('whatever a provider reports', () => {
  it.each([null, undefined, {}])('%j is unknown usage, never none', (usage) => {
    for (const read of [usageFromOpenAi, usageFromAnthropic, usageFromAiSdk, usageFromLangChain]) {
      expect(partUsage(read(usage))).toMatchObject({ total: 0, basis: 'estimate' })
    }
  })

  it('a count that makes no sense makes all of it unknown, rather than cheap', () => {
    fc.assert(
      fc.property(any, any, any, any, (input, read, write, output) => {
        const usage = usageFromAnthropic({
          input_tokens: input,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: write,
          output_tokens: output,
        })
        const given = [input, read, write, output].filter((one) => one !== null && one !== undefined)
        const isSane = given.every((one) => Number.isSafeInteger(one) && one >= 0)
        const counted = Object.values(usage).filter((one) => typeof one === 'number')
        expect(counted).toEqual(isSane ? given : [])
      }),
    )
  })
})
