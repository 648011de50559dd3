import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LlmValidator, type LlmValidatorOptions } from './llm-validator.ts'
import type { LlmOutcome } from './outcome.ts'
import { type GrammarCase, readGrammar } from './testing/grammar-case.ts'
import { isSameJson } from './testing/same-json.ts'

/** What JSON.parse does where the grammar leaves a choice. */
const AS_JSON_PARSE = {
  mode: 'strict',
  duplicateKeys: 'last',
  bigNumbers: 'round',
  loneSurrogates: 'keep',
  forbiddenKeys: 'keep',
} as const

const grammar = readGrammar()

function of(kind: GrammarCase['kind']): readonly GrammarCase[] {
  return grammar.filter((one) => one.kind === kind)
}

function read(text: string, options: Partial<LlmValidatorOptions<unknown>>): LlmOutcome<unknown> {
  return new LlmValidator({ ...options, schema: z.unknown() }).parse(text)
}

describe('the JSON grammar', () => {
  it('is shown by at least 95 texts to accept, 188 to refuse and 35 left open', () => {
    expect(of('accept').length).toBeGreaterThanOrEqual(95)
    expect(of('refuse').length).toBeGreaterThanOrEqual(188)
    expect(of('open').length).toBeGreaterThanOrEqual(35)
  })

  it('gives the value of JSON.parse for each text that is JSON, and no fix', () => {
    const other = of('accept').filter(({ text }) => {
      const outcome = read(text, AS_JSON_PARSE)
      return (
        !outcome.ok ||
        outcome.fixes.some((fix) => fix.name !== 'duplicate-key') ||
        !isSameJson(outcome.value, JSON.parse(text))
      )
    })
    expect(other).toEqual([])
  })

  it('is kept by the strict mode: each text that is no JSON is refused', () => {
    const accepted = of('refuse').filter(
      ({ text }) => read(text, { mode: 'strict' }).ok || read(text, AS_JSON_PARSE).ok,
    )
    expect(accepted.map(({ idea, text }) => [idea, text.slice(0, 80)])).toEqual([])
  })

  it('is answered without throwing where it is broken, by default too', () => {
    for (const { text } of of('refuse')) expect(() => read(text, {})).not.toThrow()
  })

  it('leaves questions open that policies and limits answer', () => {
    for (const { idea, text, code, policies, limits, value } of of('open')) {
      const byDefault = read(text, {})
      if (code === null) expect(byDefault.ok, idea).toBe(true)
      else expect(byDefault.ok, idea).toBe(false)
      if (typeof code === 'string' && code !== 'any')
        expect(byDefault.ok ? undefined : byDefault.code, idea).toBe(code)
      if (code !== null && policies === undefined && limits === undefined) continue
      const asked = read(text, { ...policies, ...(limits !== undefined && { limits }) })
      const meant = value === undefined ? JSON.parse(text) : value
      expect(asked.ok && isSameJson(asked.value, meant), idea).toBe(true)
    }
  })
})
