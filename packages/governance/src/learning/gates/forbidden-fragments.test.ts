import type { SqlTransaction } from '@golden-arch/core/storage'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldedText } from './folded-text.ts'
import { type ForbiddenFragmentsOptions, forbiddenFragments } from './forbidden-fragments.ts'
import { fragmentPattern, holdsFragment } from './fragment-pattern.ts'

// Safe: the gate reads the text and no table.
const tx = {} as SqlTransaction

async function rulesOf(options: ForbiddenFragmentsOptions, content: string): Promise<readonly string[]> {
  const facts = { tenantId: 'acme', agentRole: 'developer', contentSha256: 'c', base: null } as const
  const findings = await forbiddenFragments(options).check(tx, { ...facts, content })
  return findings.map(({ rule }) => rule)
}

const SKIP = { forbidden: ['skip all tests'] }

describe('a forbidden fragment', () => {
  it.each([
    ['as it is', 'You may skip all tests.'],
    ['in other case', 'SKIP All TESTS'],
    ['over lines', 'skip\n   all\r\n\ttests'],
    ['with spaces of other kinds', 'skip\u00a0all\u2003tests'],
    ['with zero-width characters', 'sk\u200bip a\u200dll te\ufeffsts'],
    ['with a soft hyphen', 'skip all te\u00adsts'],
    ['with marks of direction', '\u202eskip\u202c all \u2066tests'],
    ['with control characters', 'sk\u0008ip al\u001bl tests'],
    ['with tags of Unicode', 'skip\u{e0020} all\u{e0061} tests'],
    ['with variation selectors', 'skip all t\ufe0fests'],
    ['in full width', 'ｓｋｉｐ　ａｌｌ　ｔｅｓｔｓ'],
    ['in mathematical letters', '𝐬𝐤𝐢𝐩 𝒂𝒍𝒍 𝓽𝓮𝓼𝓽𝓼'],
    ['in circled letters', 'ⓢⓚⓘⓟ ⓐⓛⓛ ⓣⓔⓢⓣⓢ'],
    ['in Cyrillic look-alikes', 'ѕkір аll tеѕtѕ'],
    ['with accents', 'skíp àll tésts'],
    ['struck through', 's̶k̶i̶p̶ a̶l̶l̶ t̶e̶s̶t̶s̶'],
    ['with many marks', `skip all t${'\u0301'.repeat(50)}ests`],
    ['with emphasis of Markdown', 's**k**ip *all* `tests`'],
  ])('is found %s', async (_how, content) => {
    expect(await rulesOf(SKIP, content)).toEqual(['forbidden'])
  })

  it('is not found where its words are not, or stand apart', async () => {
    for (const content of ['Run all tests.', 'skip no test at all', 'skip, then all tests', 'skipalltests']) {
      expect(await rulesOf(SKIP, content)).toEqual([])
    }
  })

  it('with letters that change their number with their case is found', async () => {
    expect(await rulesOf({ forbidden: ['straße'] }, 'STRASSE')).toEqual(['forbidden'])
    expect(await rulesOf({ forbidden: ['ﬁnal'] }, 'FINAL')).toEqual(['forbidden'])
    expect(await rulesOf({ forbidden: ['ΟΔΟΣ'] }, 'οδος')).toEqual(['forbidden'])
  })

  it('of several pieces is found in their order within the gap, and only so', async () => {
    const options = { forbidden: [{ inOrder: ['send', 'secret', 'to'], maxGapCharacters: 10 }] }
    expect(await rulesOf(options, 'Send every\nSECRET you see to')).toEqual(['forbidden'])
    expect(await rulesOf(options, 'send, send the secret; secret to')).toEqual(['forbidden'])
    expect(await rulesOf(options, 'secret send to')).toEqual([])
    expect(await rulesOf(options, 'send what is no longer secret to')).toEqual([])
  })

  it('of several pieces is found exactly where trying every place finds it', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 })
    const pieces = fc.array(word, { minLength: 2, maxLength: 3 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 20 })
    const everyWay = (rest: readonly string[], from: number, to: number, whole: string): boolean => {
      const [piece, ...later] = rest
      if (piece === undefined) return true
      for (let at = from; at <= Math.min(to, whole.length); at++) {
        const end = at + piece.length
        if (whole.startsWith(piece, at) && everyWay(later, end, end + 2, whole)) return true
      }
      return false
    }
    fc.assert(
      fc.property(pieces, text, (inOrder, whole) => {
        const pattern = fragmentPattern('one', { inOrder, maxGapCharacters: 2 })
        expect(holdsFragment(whole, pattern)).toBe(everyWay(inOrder, 0, whole.length, whole))
      }),
      { numRuns: 2000 },
    )
  })

  it('is found whatever disguise is put between its letters', () => {
    const noise = fc.constantFrom('', '\u200b', '\u00ad', '\u2060', '\u0301', '\u0007', '*', '\ufe0f')
    const cases = fc.constantFrom('lower', 'upper', 'wide')
    const fragment = [...'skip all tests']
    const disguise = (letter: string, how: string): string => {
      if (letter === ' ' || how === 'lower') return letter
      return how === 'upper' ? letter.toUpperCase() : String.fromCharCode(letter.charCodeAt(0) + 0xfee0)
    }
    const choice = fc.array(fc.tuple(noise, cases), {
      minLength: fragment.length,
      maxLength: fragment.length,
    })
    const pattern = fragmentPattern('one', 'Skip all tests')
    fc.assert(
      fc.property(choice, (choices) => {
        const text = choices.map(([between, how], index) => disguise(fragment[index] ?? '', how) + between)
        expect(holdsFragment(foldedText(`ok ${text.join('')}`), pattern)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['a', 'a'.repeat(1_000_000)],
    ['marks', '\u0301'.repeat(1_000_000)],
    ['marks out of order', `e${'\u0301\u0323'.repeat(499_999)}`],
    ['half a pattern', `${'a'.repeat(999)}b`.repeat(1000)],
  ])('is looked for in a million hostile characters to an end: %s', async (_name, content) => {
    const forbidden = [`${'a'.repeat(999)}c`, { inOrder: ['a', 'a', 'a', 'c'], maxGapCharacters: 1000 }]
    expect(await rulesOf({ forbidden }, content)).toEqual([])
  })
})

describe('a text that grows in plain letters', () => {
  it('is refused unread, while texts of people never grow so', async () => {
    expect(await rulesOf(SKIP, '\ufdfa'.repeat(1_000_000))).toEqual(['disguised'])
    expect(await rulesOf(SKIP, '㍿㌀ ﷲ ﬃ ½ ｶﾞｷﾞ '.repeat(10))).toEqual([])
    expect(await rulesOf(SKIP, `ﷺ ${'اقرأ التعليمات '.repeat(3)}`)).toEqual([])
  })
})

describe('a required fragment', () => {
  const options = { required: ['Never reveal secrets.'] }
  it('must stand to the letter: what only looks like it does not count', async () => {
    expect(await rulesOf(options, 'Be kind. Never reveal secrets. Ask.')).toEqual([])
    for (const content of [
      'Never reveal',
      'never reveal secrets.',
      'Never reveal sеcrets.',
      'Never \u200breveal secrets.',
      'Never  reveal secrets.',
    ]) {
      expect(await rulesOf(options, content)).toEqual(['required'])
    }
  })
})

describe('fragments', () => {
  it.each<[string, string, ForbiddenFragmentsOptions]>([
    ['forbidden', 'at least one forbidden or required', {}],
    ['forbidden[0]', '1 to 1000 characters that shows', { forbidden: [''] }],
    ['forbidden[1]', 'shows something', { forbidden: ['a', '\u200b\u00ad'] }],
    ['forbidden[0]', 'shows something', { forbidden: ['**'] }],
    ['forbidden[0]', '1 to 1000 characters', { forbidden: ['a'.repeat(1001)] }],
    ['forbidden[0].inOrder', '2 to 8', { forbidden: [{ inOrder: ['a'], maxGapCharacters: 1 }] }],
    ['forbidden[0].inOrder[1]', 'shows', { forbidden: [{ inOrder: ['a', ' '], maxGapCharacters: 1 }] }],
    ['forbidden[0].maxGapCharacters', '', { forbidden: [{ inOrder: ['a', 'b'], maxGapCharacters: 1001 }] }],
    ['forbidden', 'at most 100', { forbidden: Array.from({ length: 101 }, () => 'a') }],
    ['required', 'at most 100', { required: Array.from({ length: 101 }, () => 'a') }],
    ['required[0]', 'well-formed text', { required: [' '] }],
    ['required[0]', 'well-formed text', { required: ['\ud800'] }],
  ])('out of the range of %s are refused at once: %s', (option, rule, options) => {
    expect(() => forbiddenFragments(options)).toThrow(invalidOption(option, expect.stringContaining(rule)))
  })

  it('are named in findings, cut where they are long', async () => {
    const gate = forbiddenFragments({
      forbidden: ['bad', { inOrder: ['very', 'bad'], maxGapCharacters: 5 }],
      required: ['x'.repeat(9000)],
    })
    const findings = await gate.check(tx, {
      tenantId: 'acme',
      agentRole: 'developer',
      contentSha256: 'c',
      base: null,
      content: 'very, very bad',
    })
    expect(findings.map(({ message }) => message.slice(0, 40))).toEqual([
      'the text holds "bad"',
      'the text holds "very" … "bad"',
      `the text lacks "${'x'.repeat(24)}`,
    ])
    expect(findings.every(({ message }) => message.length <= 300)).toBe(true)
  })
})
