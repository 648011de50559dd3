import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText } from './json-text.ts'

const HALF = String.fromCharCode(0xd83d)

describe('jsonText', () => {
  it.each([
    ['a NUL', { a: 'x\u0000y' }, { a: 'x\ufffdy' }],
    ['half a character', { a: `cut ${HALF}` }, { a: 'cut \ufffd' }],
    ['either in a key', { 'k\u0000': 1, [HALF]: 2 }, { 'k\ufffd': 1, '\ufffd': 2 }],
    ['either behind backslashes', { a: `\\\u0000\\\\${HALF}` }, { a: '\\\ufffd\\\\\ufffd' }],
  ])('writes %s as U+FFFD', (_what, given, kept) => {
    expect(JSON.parse(jsonText(given))).toEqual(kept)
  })

  it.each([
    ['the text of an escape', { a: 'c:\\u0000 \\ud83d' }],
    ['both halves of a character', { a: 'a smile \u{1f642}' }],
    ['other control characters', { a: '\u0001\n\u001f\u007f' }],
  ])('leaves %s as it is', (_what, given) => {
    expect(jsonText(given)).toBe(JSON.stringify(given))
  })

  it('writes any value as PostgreSQL takes it, and what it takes anyway unchanged', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.string(),
        (given, text) => {
          const texts = [jsonText(given), jsonText({ [`${text}${HALF}`]: `${HALF}${text}\u0000` })]
          for (const one of texts) {
            const parsed = JSON.stringify(JSON.parse(one))
            expect(parsed).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/)
          }
          if (!/\\u(?:0000|d)/.test(JSON.stringify(given))) expect(texts[0]).toBe(JSON.stringify(given))
        },
      ),
    )
  })
})
