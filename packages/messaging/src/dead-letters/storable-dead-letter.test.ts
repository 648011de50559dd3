import { expect, test } from 'vitest'
import { storableDeadLetter } from './storable-dead-letter.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

test('a sequence that is none becomes 0, so that the failure is kept all the same', () => {
  const sequences = ['1', '9223372036854775807', '9223372036854775808', '-1', 'x', '', '01'].map(
    (sequence) =>
      storableDeadLetter(sampleDeadLetter({ source: { stream: 'S', sequence, consumer: 'hub' } })).source
        .sequence,
  )
  expect(sequences).toEqual(['1', '9223372036854775807', '0', '0', '0', '0', '0'])
})

test('attempts are kept as far as the column holds them', () => {
  const stored = [2 ** 31 - 1, 2 ** 31, 2.7, -1, Number.NaN].map(
    (attempts) => storableDeadLetter(sampleDeadLetter({ attempts })).attempts,
  )
  expect(stored).toEqual([2 ** 31 - 1, 2 ** 31 - 1, 2, 0, 0])
})
