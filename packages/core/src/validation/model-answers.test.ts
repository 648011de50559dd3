import { describe, expect, it } from 'vitest'
import { type CorpusCase, readCorpus } from './testing/corpus-case.ts'
import { judgeCase, scoreOf } from './testing/judge-case.ts'
import { readCase } from './testing/read-case.ts'

/** The least share of texts with one certain value that is read rightly. */
const LEAST_SHARE = 0.95
const CODES: Readonly<Record<string, readonly string[]>> = {
  ambiguous: ['AMBIGUOUS'],
  duplicate: ['DUPLICATE_KEY'],
  elided: ['ELIDED'],
  forbidden: ['FORBIDDEN_KEY'],
  missing: ['MISSING_VALUE'],
  none: ['EMPTY', 'NO_JSON'],
  number: ['UNSAFE_NUMBER'],
  refusal: ['REFUSED'],
  schema: ['SCHEMA_MISMATCH'],
  surrogate: ['LONE_SURROGATE'],
  syntax: ['MALFORMED'],
  truncated: ['TRUNCATED'],
}

const corpus = readCorpus()
const judged = corpus.map((one) => {
  const outcome = readCase(one)
  const answer = outcome.ok
    ? ({ accepted: true, value: outcome.value } as const)
    : ({ accepted: false } as const)
  return { one, outcome, verdict: judgeCase(one, answer) }
})

describe('the corpus of model outputs', () => {
  it('has at least 300 texts, each with an id of its own', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(300)
    expect(new Set(corpus.map(({ id }) => id)).size).toBe(corpus.length)
  })

  it('is read without a wrong value', () => {
    expect(judged.filter(({ verdict }) => verdict === 'wrong').map(shown)).toEqual([])
  })

  it('is read without accepting what must be refused', () => {
    expect(judged.filter(({ verdict }) => verdict === 'bad-accepted').map(shown)).toEqual([])
  })

  it('is read rightly in at least 95 of 100 texts with one certain value', () => {
    const { right, recoverable } = scoreOf(judged.map(({ one, verdict }) => [one, verdict]))
    const refused = judged.filter(({ verdict }) => verdict === 'refused').map(shown)
    expect(right / recoverable, refused.join('\n')).toBeGreaterThanOrEqual(LEAST_SHARE)
  })

  it('is refused for the reason that a person would give, nearly always', () => {
    const refusals = judged.filter(({ one, outcome }) => one.expected.kind === 'refusal' && !outcome.ok)
    const odd = refusals.filter(({ one, outcome }) => !isNamed(one, outcome.ok ? '' : outcome.code))
    expect(1 - odd.length / refusals.length, odd.map(shown).join('\n')).toBeGreaterThanOrEqual(0.9)
  })

  it('gives spans and fixes that lie within the text', () => {
    for (const { one, outcome } of judged) {
      const spans = outcome.ok
        ? outcome.fixes.map(({ start, end }) => [start, end] as const)
        : outcome.span === undefined
          ? []
          : [outcome.span]
      for (const [start, end] of spans) {
        expect(start, one.id).toBeGreaterThanOrEqual(0)
        expect(end, one.id).toBeGreaterThanOrEqual(start)
        expect(end, one.id).toBeLessThanOrEqual(one.text.length)
      }
    }
  })
})

function isNamed({ expected }: CorpusCase, code: string): boolean {
  return (
    expected.kind !== 'refusal' || expected.family === 'any' || (CODES[expected.family] ?? []).includes(code)
  )
}

function shown({ one, outcome }: (typeof judged)[number]): string {
  const got = outcome.ok ? JSON.stringify(outcome.value, bigintAsText) : outcome.code
  return `${one.id} ${JSON.stringify(one.text)} gave ${got}, not ${JSON.stringify(one.expected, bigintAsText)}`
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}
