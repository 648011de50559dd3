import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutText } from './cut-text.ts'

it('keeps head and tail, and says between them how much is left out', () => {
  const text = `${'a'.repeat(500)}${'b'.repeat(500)}`
  expect(cutText(text, 100)).toBe(`${'a'.repeat(34)}\n[… 932 characters left out …]\n${'b'.repeat(34)}`)
})

it('leaves a text alone that is no longer than the bound', () => {
  expect(cutText('x'.repeat(256), 256)).toBe('x'.repeat(256))
  expect(cutText('', 256)).toBe('')
})

it('is never longer than the bound, cuts no character apart, and counts what it leaves out', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀'), minLength: 200, maxLength: 1200 })
  fc.assert(
    fc.property(text, fc.integer({ min: 256, max: 400 }), (long, max) => {
      const cut = cutText(long, max)
      expect(cut.length).toBeLessThanOrEqual(max)
      expect(cut.isWellFormed()).toBe(true)
      const [line = '', count] = /\n\[… (\d+) characters left out …\]\n/.exec(cut) ?? []
      if (count === undefined) expect(cut).toBe(long)
      else expect(cut.length - line.length + Number(count)).toBe(long.length)
    }),
  )
})
