import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText } from '../storage/index.ts'
import { evidenceHashOf } from './evidence-hash.ts'
import { askingTask } from './testing/asking-task.ts'

const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))

function hashOf(evidence: object, reads: readonly string[] = ['*'], input: object = {}): string {
  // Both are objects of JSON values, as a task has them.
  return evidenceHashOf(askingTask({ evidence: { ...evidence }, input: { ...input } }), reads)
}

function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  )
}

describe('the digest of evidence', () => {
  it('is the same for what the database gives back, in whatever order it keeps the keys', () => {
    fc.assert(
      fc.property(object, object, (evidence, input) => {
        const stored = JSON.parse(jsonText(evidence)) as object
        expect(hashOf(reversed(stored) as object, ['*'], reversed(input) as object)).toBe(
          hashOf(evidence, ['*'], input),
        )
      }),
    )
  })

  it('changes with every field that is read, and with no other, the words of persons among them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isSame = isDeepStrictEqual(JSON.parse(jsonText([one])), JSON.parse(jsonText([other])))
        expect(hashOf({ a: one }, ['a']) === hashOf({ a: other }, ['a'])).toBe(isSame)
        expect(hashOf({ a: 1, b: one }, ['a'])).toBe(hashOf({ a: 1, b: other }, ['a']))
        expect(hashOf({ a: 1, persons: one }, ['*'])).toBe(
          hashOf({ a: 1, persons: other }, ['a', 'persons', '*']),
        )
        expect(hashOf({}, ['a'], { x: one })).toBe(hashOf({}, ['a'], { x: other }))
        expect(hashOf({}, ['input'], { x: one }) === hashOf({}, ['input'], { x: other })).toBe(isSame)
      }),
    )
  })
})
