import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ModelUsage, partUsage } from './model-usage.ts'

const count = fc.option(fc.nat(1000), { nil: undefined })
const flag = fc.option(fc.boolean(), { nil: undefined })
const anyUsage: fc.Arbitrary<ModelUsage> = fc.record({
  inputTokens: count,
  cachedReadTokens: count,
  cachedWriteTokens: count,
  outputTokens: count,
  reasoningTokens: count,
  inputIncludesCached: flag,
  outputIncludesReasoning: flag,
})

describe('parting usage', () => {
  it('puts each token in exactly one part, none below zero', () => {
    fc.assert(
      fc.property(anyUsage, (usage) => {
        const { uncachedInput, cachedRead, cachedWrite, answer, reasoning, total } = partUsage(usage)
        const parts = [uncachedInput, cachedRead, cachedWrite, answer, reasoning]
        expect(parts.every((part) => part >= 0)).toBe(true)
        expect(parts.reduce((sum, part) => sum + part)).toBe(total)
      }),
    )
  })

  it('what is fully known adds up to the totals that were reported', () => {
    fc.assert(
      fc.property(anyUsage, (usage) => {
        const parts = partUsage(usage)
        if (parts.basis === 'estimate') return
        const { inputTokens = 0, cachedReadTokens = 0, cachedWriteTokens = 0, outputTokens = 0 } = usage
        const beside = usage.inputIncludesCached === false ? cachedReadTokens + cachedWriteTokens : 0
        const besideOutput = usage.outputIncludesReasoning === false ? (usage.reasoningTokens ?? 0) : 0
        expect(parts.total).toBe(inputTokens + beside + outputTokens + besideOutput)
      }),
    )
  })

  it.each(['inputTokens', 'outputTokens'] as const)('without %s it is an estimate', (field) => {
    const usage: ModelUsage = { inputTokens: 1, outputTokens: 1, [field]: undefined }
    expect(partUsage(usage).basis).toBe('estimate')
  })

  it.each<[string, ModelUsage]>([
    ['usage.inputTokens', { inputTokens: -1 }],
    ['usage.outputTokens', { outputTokens: 1.5 }],
    ['usage.cachedReadTokens', { cachedReadTokens: Number.NaN }],
    ['usage.cachedWriteTokens', { cachedWriteTokens: Number.POSITIVE_INFINITY }],
    ['usage.reasoningTokens', { reasoningTokens: 2 ** 53 }],
    ['usage', { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 1 }],
  ])('a bad %s is refused by name', (option, usage) => {
    expect(() => partUsage(usage)).toThrow(invalidOption(option))
  })
})
