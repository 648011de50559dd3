import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LlmValidator } from './llm-validator.ts'
import { answerProperties } from './testing/answer-properties.ts'

const DEEP = 100_000
/** A test gives the same verdict each time; the proof tries other seeds. */
const SEED = 17
const deepTexts: Readonly<Record<string, string>> = {
  'arrays, closed': '['.repeat(DEEP) + ']'.repeat(DEEP),
  'arrays, open': '['.repeat(DEEP),
  'objects, closed': `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  'objects, open': '{"a":'.repeat(DEEP),
  'objects with faults': `${"{a:'b',c:".repeat(DEEP)}None${',}'.repeat(DEEP)}`,
  'arrays in a fence': `\`\`\`json\n${'['.repeat(DEEP)}${']'.repeat(DEEP)}\n\`\`\``,
  'arrays in prose': `Here: ${'[ '.repeat(DEEP)}1${' ]'.repeat(DEEP)} done`,
  'reasoning in reasoning': `${'<think>'.repeat(DEEP)}[1`,
  'tags in tags': `${'<json>'.repeat(DEEP)}[1`,
  'fences in fences': `${'```json\n[\n'.repeat(DEEP)}`,
  'text in text': `${'"\\'.repeat(DEEP)}`,
}

describe('any answer', () => {
  for (const { sentence, assert } of answerProperties()) {
    it(sentence, { timeout: 120_000 }, () => {
      assert({ numRuns: 2000, seed: SEED })
    })
  }

  for (const [name, text] of Object.entries(deepTexts)) {
    it(`is refused if it is nested a hundred thousand times: ${name}`, () => {
      const limits = { maxCharacters: 10_000_000, maxDepth: 1000, maxCandidates: 10_000 }
      for (const mode of ['strict', 'extract', 'repair'] as const) {
        const validator = new LlmValidator({ schema: z.unknown(), coercion: 'lenient', mode, limits })
        expect(validator.parse(text).ok).toBe(false)
        expect(new LlmValidator({ schema: z.unknown(), mode }).parse(text).ok).toBe(false)
      }
    })
  }
})
