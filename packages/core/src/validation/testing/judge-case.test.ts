import { describe, expect, it } from 'vitest'
import type { CorpusCase, CorpusExpectation } from './corpus-case.ts'
import { judgeCase, scoreOf } from './judge-case.ts'
import { isSameJson } from './same-json.ts'

function caseOf(expected: CorpusExpectation): CorpusCase {
  return { id: 'x', category: 'x', schema: 'any', text: '', expected }
}

const certain = caseOf({ kind: 'value', value: { a: 1 } })
const likely = caseOf({ kind: 'value-or-refusal', value: { a: 1 } })
const bad = caseOf({ kind: 'refusal', family: 'any' })

describe('the judge of the corpus', () => {
  it('tells a value that was not meant from one that was refused', () => {
    expect(judgeCase(certain, { accepted: true, value: { a: 1 } })).toBe('right')
    expect(judgeCase(certain, { accepted: true, value: { a: 2 } })).toBe('wrong')
    expect(judgeCase(certain, { accepted: false })).toBe('refused')
  })

  it('forgives a refusal where the meaning is uncertain, but no other value', () => {
    expect(judgeCase(likely, { accepted: false })).toBe('right')
    expect(judgeCase(likely, { accepted: true, value: {} })).toBe('wrong')
  })

  it('forgives nothing that is accepted where a refusal is due', () => {
    expect(judgeCase(bad, { accepted: true, value: null })).toBe('bad-accepted')
    expect(judgeCase(bad, { accepted: false })).toBe('right')
  })

  it('counts only texts with one certain value as recoverable', () => {
    expect(
      scoreOf([
        [certain, 'right'],
        [likely, 'wrong'],
        [bad, 'bad-accepted'],
      ]),
    ).toEqual({ recoverable: 1, right: 1, wrong: 1, bad: 1, badAccepted: 1 })
  })

  it('sees a replaced prototype, a missing key and another length as another value', () => {
    expect(isSameJson({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true)
    expect(isSameJson(Object.create({ a: 1 }), {})).toBe(false)
    expect(isSameJson({ a: undefined }, { b: undefined })).toBe(false)
    expect(isSameJson([1], [1, 2])).toBe(false)
    expect(isSameJson([], {})).toBe(false)
  })
})
