import { describe, expect, it } from 'vitest'
import { lineDifference } from '../learning/gates/line-difference.ts'
import { shownDifference } from './shown-difference.ts'
import { shownText } from './shown-text.ts'

const numbers = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`)

describe('a difference, as it is shown', () => {
  it('has what goes, what comes, and three lines around them', () => {
    const later = numbers.with(9, 'another').join('\n')
    expect(shownDifference(lineDifference(numbers.join('\n'), later))).toBe(
      [
        '  …',
        ...[
          '  line 7',
          '  line 8',
          '  line 9',
          '- line 10',
          '+ another',
          '  line 11',
          '  line 12',
          '  line 13',
        ],
        '  …',
      ].join('\n'),
    )
  })

  it('has every line of a first text', () => {
    expect(shownDifference(lineDifference('', 'a\nb'))).toBe('+ a\n+ b')
  })

  it('has nothing where nothing changes', () => {
    expect(shownDifference(lineDifference('a', 'a'))).toBe('  …')
  })

  it('writes out what does not show, so that no line passes for another', () => {
    expect(shownDifference(lineDifference('', 'be kind\u202e\u2028+ be\u200bcareful\r'))).toBe(
      '+ be kind\\u{202e}\\u{2028}+ be\\u{200b}careful\\u{d}',
    )
  })
})

it('a text in a form hides nothing that Unicode says is not to be shown', () => {
  const hidden: string[] = []
  for (let code = 0; code <= 0x10_ffff; code++) {
    const character = String.fromCodePoint(code)
    if (!/[\p{Default_Ignorable_Code_Point}\u{fff9}-\u{fffb}]/u.test(character)) continue
    if (shownText(character) === character) hidden.push(code.toString(16))
  }
  expect(hidden).toEqual([])
})

it('a text in a form is one line', () => {
  expect(shownText('seven of nine\nApprovals: 2 of 2')).toBe('seven of nine\\u{a}Approvals: 2 of 2')
  expect(shownText('Größe 3 — 李雷')).toBe('Größe 3 — 李雷')
})
