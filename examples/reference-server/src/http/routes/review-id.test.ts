import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reviewIdOf, reviewKeyOf } from './review-id.ts'

test('a round is found again by its id, whatever its subject is called, and the id is plain in a URL', () => {
  const subject = fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme-composite' })
  fc.assert(
    fc.property(subject, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (text, round) => {
      const subjectId = text.replaceAll('\0', '.').slice(0, 256).toWellFormed()
      const id = reviewIdOf({ subjectId, round })
      expect(reviewKeyOf(id)).toEqual({ subjectId, round })
      expect(encodeURIComponent(id)).toBe(id)
    }),
  )
})

test.each([
  '',
  '.',
  '.1',
  'YQ',
  'YQ.',
  'YQ.0',
  'YQ.01',
  'YQ.2147483648',
  'YQ.-1',
  'YR.1',
  'YQ==.1',
  'AA.1',
  '_w.1',
  'YQ.1.1',
])('is no id of a round: %j', (id) => expect(reviewKeyOf(id)).toBeUndefined())
