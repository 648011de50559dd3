import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RecordingMetrics } from '../observability/testing/index.ts'
import { LlmValidator } from './llm-validator.ts'

describe('the metrics of LlmValidator', () => {
  it('count refusals by code, fixes by name and calls by what the asking came to', async () => {
    const metrics = new RecordingMetrics()
    const validator = new LlmValidator({ schema: z.object({ n: z.number() }), coercion: 'safe', metrics })
    const answers = ['nothing', '{"n": "1",} // so']
    await validator.ask(async ({ attempt }) => ({ text: answers[attempt - 1] ?? '' }))
    await validator.ask(async () => ({ text: 'no' }), { maxAttempts: 1 })
    validator.parse('{"n": 1}')
    expect(metrics.counterValue('llm_validation_failures_total', { code: 'NO_JSON' })).toBe(2)
    expect(metrics.counterValue('llm_validation_fixes_total', { name: 'coerced-number' })).toBe(1)
    expect(metrics.counterValue('llm_validation_fixes_total', { name: 'trailing-comma' })).toBe(1)
    expect(metrics.counterValue('llm_attempts_total', { outcome: 'value' })).toBe(2)
    expect(metrics.counterValue('llm_attempts_total', { outcome: 'attempts' })).toBe(1)
  })
})
