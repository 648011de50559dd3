import { expect, test } from 'vitest'
import { storableDeadLetter } from './storable-dead-letter.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

test('attempts are kept as far as the column holds them', () => {
  const stored = [2 ** 31 - 1, 2 ** 31, 2.7, -1, Number.NaN].map(
    (attempts) => storableDeadLetter(sampleDeadLetter({ attempts })).attempts,
  )
  expect(stored).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 2, 0, 0])
})
