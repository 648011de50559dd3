import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shadowOf } from './shadow.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 60 })
const invisible = fc.constantFrom(
  '\u200b',
  '\u200d',
  '\u00ad',
  '\ufeff',
  '\u2060',
  '\u202e',
  '\ufe0f',
  '\u{e0041}',
)

describe('a shadow', () => {
  it('of plain text is the text', () => {
    const shadow = shadowOf("SELECT 'a'\r\n\t~")
    expect(shadow.text).toBe("SELECT 'a'\r\n\t~")
    expect(shadow.toOriginal(3, 5)).toEqual([3, 5])
  })

  it.each([
    ['ｓｃｒｉｐｔ', 'script'],
    ['ігnоrе', 'irnore'.replace('irn', 'iгn')],
    ['ﬁle', 'file'],
    ['ru\u200bles', 'rules'],
    ['ru\u00adles', 'rules'],
    ['a\u00acb\u00aec', 'a\u00acb\u00aec'],
    ['①②⑦', '127'],
    ['ʼ OR １＝１', "' OR 1=1"],
    ['e\u0301', 'é'],
    ['\ud800a\udfff', '\ud800a\udfff'],
  ])('of %j reads %j', (text, expected) => {
    expect(shadowOf(text).text).toBe(expected)
  })

  it('maps every part of itself to the place of the original that it was made of', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), fc.nat(), (text, a, b) => {
        const shadow = shadowOf(text)
        const [start, end] = [a, b].map((one) => one % (shadow.text.length + 1)).sort((x, y) => x - y)
        const place = shadow.toOriginal(start ?? 0, end ?? 0)
        expect(place[0]).toBeGreaterThanOrEqual(0)
        expect(place[1]).toBeGreaterThanOrEqual(place[0])
        expect(place[1]).toBeLessThanOrEqual(text.length)
        expect(shadowOf(text.slice(...place)).text).toContain(shadow.text.slice(start, end))
      }),
      { numRuns: 2000 },
    )
  })

  it('maps words back in order, without overlap', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shadow = shadowOf(text)
        let last: readonly [number, number] = [0, 0]
        for (let unit = 0; unit < shadow.text.length; unit++) {
          const place = shadow.toOriginal(unit, unit + 1)
          const isSame = place[0] === last[0] && place[1] === last[1]
          expect(isSame || place[0] >= last[1]).toBe(true)
          last = place
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('finds a word between whose letters invisible characters stand, exactly from its first to its last', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('x', ' ', 'é', 'ﬁ', '\u200b', '日') }),
        fc.array(invisible, { minLength: 5, maxLength: 5 }),
        fc.string({ unit: fc.constantFrom('x', ' ', '日', '😀') }),
        (before, hidden, after) => {
          const word = [...'IGNORE'].map((letter, index) => letter + (hidden[index] ?? '')).join('')
          const text = before + word + after
          const shadow = shadowOf(text)
          const at = shadow.text.indexOf('IGNORE')
          const [start, end] = shadow.toOriginal(at, at + 6)
          expect([start, end]).toEqual([before.length, before.length + word.length])
        },
      ),
      { numRuns: 500 },
    )
  })
})
