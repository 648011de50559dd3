import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FixName } from '../fix.ts'
import { DEFAULT_LLM_PARSE_POLICIES } from '../parse-policies.ts'
import { type JsonReading, readJson } from './read-json.ts'
import type { ReadRules } from './read-state.ts'
import { distort } from './testing/distort.ts'

const RULES: ReadRules = { ...DEFAULT_LLM_PARSE_POLICIES, maxDepth: 64, isPartial: false }
const STRICT: ReadRules = { ...RULES, mode: 'strict' }

const readWhole = (text: string, rules: Partial<ReadRules> = {}): JsonReading =>
  readJson(text, 0, text.length, { ...RULES, ...rules })

function parses(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const jsonLike = fc
  .array(
    fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"',
        '\\',
        '\\u00e9',
        '0',
        '-',
        '1',
        '.',
        'e',
        '+',
        'true',
        'nul',
      ],
      ...[' ', '\n', "'", '//', '/*', '*/', '#', '“', '”', 'None', '...', '\u00a0'],
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''))

/** Values whose JSON has no fault, in the one spelling that JSON gives them. */
const plainJson = fc
  .jsonValue({ noUnicodeString: false })
  .map((value) => JSON.stringify(value))
  .filter((text) => text.isWellFormed() && !/__proto__|constructor|\d{16}|e-\d{3}/.test(text))
  .map((text) => JSON.parse(text) as unknown)
const plainContainer = plainJson.filter((value) => typeof value === 'object' && value !== null)

test('blanks are skipped up to the limit and no further', () => {
  expect(readJson('[1,  ]', 0, 4, RULES)).toMatchObject({ fault: { code: 'TRUNCATED', end: 4 } })
})

describe('reading strict JSON', () => {
  test('gives exactly what JSON.parse gives, or refuses what it refuses', () => {
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.string(), fc.json()), (text) => {
        const reading = readJson(text, 0, text.length, {
          ...STRICT,
          duplicateKeys: 'last',
          forbiddenKeys: 'keep',
          loneSurrogates: 'keep',
        })
        const isAll = reading.kind === 'whole' && /^[ \t\r\n]*$/.test(text.slice(reading.end))
        const expected = parses(text)
        if (expected === undefined) expect(isAll).toBe(false)
        else if (reading.kind !== 'whole' || !isAll) expect.fail(`refused ${JSON.stringify(text)}`)
        else if (reading.fault === undefined) expect(reading.value).toStrictEqual(expected)
      }),
      { numRuns: 3000 },
    )
  })

  test('takes no repair', () => {
    const repairable = [
      "['a']",
      '[1,]',
      '{a:1}',
      '[1 // x\n]',
      '[True]',
      '[“a”]',
      '["\n"]',
      '["\\\'"]',
      '[\u00a01]',
    ]
    for (const text of repairable) {
      expect(readWhole(text)).toMatchObject({ kind: 'whole' })
      expect(readJson(text, 0, text.length, STRICT), text).toMatchObject({ fault: { code: 'MALFORMED' } })
    }
  })
})

describe('reading JSON with repairs', () => {
  test('gives the value that was distorted, and names exactly the distortions, each at its place', () => {
    fc.assert(
      fc.property(plainContainer, fc.infiniteStream(fc.nat(9)), (value, choices) => {
        const { text, distortions } = distort(value, () => choices.next().value ?? 0)
        const reading = readWhole(text)
        if (reading.kind !== 'whole') expect.fail(`${text}: ${JSON.stringify(reading.fault)}`)
        expect(reading.value).toStrictEqual(value)
        expect(reading.fixes).toEqual(distortions)
        expect(reading.end).toBe(text.length)
      }),
      { numRuns: 2000 },
    )
  })

  test('never takes the beginning of a text for another value', () => {
    fc.assert(
      fc.property(plainContainer, fc.infiniteStream(fc.nat(9)), fc.nat(), (value, choices, cut) => {
        const { text } = distort(value, () => choices.next().value ?? 0)
        const reading = readWhole(text.slice(0, cut % text.length))
        expect(reading).toMatchObject({ kind: 'stopped', fault: { code: 'TRUNCATED' } })
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['{null', '{-', '{4x', '{a$'])('does not know how the key of %j would have gone on', (text) => {
    const fault = { code: 'TRUNCATED', start: 1, end: text.length }
    expect(readWhole(text)).toMatchObject({ kind: 'stopped', fault })
  })

  test('keeps of a text that is cut only what was whole in it', () => {
    const isPartOf = (part: unknown, whole: unknown): boolean => {
      if (Array.isArray(part))
        return Array.isArray(whole) && part.every((one, at) => isPartOf(one, whole[at]))
      if (typeof part !== 'object' || part === null) return Object.is(part, whole)
      if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
      return Object.entries(part).every(
        // Of any object a property may be asked for; what it holds is compared.
        ([key, one]) => Object.hasOwn(whole, key) && isPartOf(one, (whole as Record<string, unknown>)[key]),
      )
    }
    fc.assert(
      fc.property(plainContainer, fc.infiniteStream(fc.nat(9)), fc.nat(), (value, choices, cut) => {
        const { text } = distort(value, () => choices.next().value ?? 0)
        const start = text.search(/[{[]/) + 1
        const reading = readWhole(text.slice(0, start + (cut % (text.length - start + 1))), {
          isPartial: true,
        })
        if (reading.kind !== 'whole') expect.fail(`${text}: ${JSON.stringify(reading.fault)}`)
        expect(isPartOf(reading.value, value)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['MALFORMED', 'an unquoted value', '{"a": ok}'],
    ['MALFORMED', 'quotes within quotes', '{"a": "say "hi" now"}'],
    ['MALFORMED', 'an apostrophe within single quotes', "['it's']"],
    ['MALFORMED', 'a lost backslash', '["C:\\Users\\new"]'],
    ['MALFORMED', 'a regular expression', '["^\\d+"]'],
    ['MALFORMED', 'a zip code as a number', '[00501]'],
    ['MALFORMED', 'thousands separators that make a decimal', '[1.234.5]'],
    ['MALFORMED', 'a tuple', '[(1, 2)]'],
    ['MALFORMED', 'a missing comma', '[1 2]'],
    ['MALFORMED', 'brackets that cross', '{"a":[1}'],
    ['MALFORMED', 'a smart quote opened twice', '[“a “b”]'],
    ['MALFORMED', 'a control character in a string', '["\u0001"]'],
    ['MALFORMED', 'a Python word as a key', '{None: 1}'],
    ['MISSING_VALUE', 'no value', '{"a":,"b":2}'],
    ['MISSING_VALUE', 'no value at the end', '{"a":}'],
    ['MISSING_VALUE', 'a key alone', '{"a"}'],
    ['MISSING_VALUE', 'a doubled comma', '[1,,2]'],
    ['MISSING_VALUE', 'a comma alone', '[,]'],
    ['MISSING_VALUE', 'undefined', '[undefined]'],
    ['UNSAFE_NUMBER', 'NaN', '[NaN]'],
    ['UNSAFE_NUMBER', 'minus infinity', '[-Infinity]'],
    ['ELIDED', 'dots', '[1, 2, ...]'],
    ['ELIDED', 'dots after a number', '[1, 2...]'],
    ['ELIDED', 'an ellipsis in an object', '{"a":1, …}'],
    ['ELIDED', 'a comment that says so', '[1, // rest omitted\n2]'],
    ['ELIDED', 'a comment that counts them', '[1 /* 8 more */]'],
    ['TOO_DEEP', 'too many levels', '['.repeat(65)],
    ['TOO_DEEP', 'a million levels', '['.repeat(1_000_000)],
  ])('stops as %s at %s', (code, _name, text) => {
    expect(readWhole(text)).toMatchObject({ kind: 'stopped', fault: { code } })
  })

  test.each(['# remaining budget, in tokens', '// other than that: fine', '/* a note */'])(
    'takes %j for a remark, not for a sign that something is left out',
    (comment) => {
      expect(readWhole(`[1, ${comment}\n2]`)).toMatchObject({ value: [1, 2] })
    },
  )

  test('stops at the first fault with its path and span', () => {
    expect(readWhole('{"a": [1, {"b c": }]}')).toMatchObject({
      fault: { code: 'MISSING_VALUE', path: ['a', 1, 'b c'], start: 18, end: 19 },
    })
  })
})

describe('JSON whose meaning is in doubt', () => {
  const faulty: ReadonlyArray<readonly [string, string, string, ReadonlyArray<string | number>]> = [
    ['a key given twice', '{"a":{"role":1,"role":2}}', 'DUPLICATE_KEY', ['a', 'role']],
    ['a key given twice in other spelling', '{"role":1,"r\\u006fle":2}', 'DUPLICATE_KEY', ['role']],
    ['__proto__ as a key', '[{"__proto__":{}}]', 'FORBIDDEN_KEY', [0, '__proto__']],
    ['__proto__ in escapes', '{"\\u005f_proto__":1}', 'FORBIDDEN_KEY', ['__proto__']],
    ['constructor as a key', '{"constructor":{"prototype":{}}}', 'FORBIDDEN_KEY', ['constructor']],
    ['an integer beyond 2^53 - 1', '{"id":[1,9007199254740993]}', 'UNSAFE_NUMBER', ['id', 1]],
    ['an overflow', '[-1e999]', 'UNSAFE_NUMBER', [0]],
    ['an underflow', '[1e-999]', 'UNSAFE_NUMBER', [0]],
    ['half a surrogate pair', '["\\ud83d"]', 'LONE_SURROGATE', [0]],
    ['half a surrogate pair, unescaped', '["\ud83d"]', 'LONE_SURROGATE', [0]],
    ['half a surrogate pair in a key', '{"\\udc00":1}', 'LONE_SURROGATE', []],
  ]
  test.each(faulty)('has its fault told: %s', (_name, text, code, path) => {
    expect(readWhole(text)).toMatchObject({ kind: 'whole', fault: { code, path } })
    expect(readJson(text, 0, text.length, STRICT)).toMatchObject({ kind: 'whole', fault: { code, path } })
  })

  test.each(['9007199254740991', '0', '-0', '0e5', '1e21', '0.1', '"\\ud83d\\ude00"', '{"a":1,"b":{"a":1}}'])(
    'is not seen in %s',
    (text) => {
      expect(readWhole(text)).toMatchObject({ kind: 'whole', value: JSON.parse(text), fixes: [] })
      expect(readWhole(text)).not.toHaveProperty('fault')
    },
  )

  test.each<[string, Partial<ReadRules>, unknown, FixName]>([
    ['{"a":1,"a":1}', {}, { a: 1 }, 'duplicate-key'],
    ['{"a":1,"a":2}', { duplicateKeys: 'first' }, { a: 1 }, 'duplicate-key'],
    ['{"a":1,"a":2}', { duplicateKeys: 'last' }, { a: 2 }, 'duplicate-key'],
    ['{"b":1,"__proto__":{"x":1}}', { forbiddenKeys: 'drop' }, { b: 1 }, 'forbidden-key'],
    ['[12345678901234567890]', { bigNumbers: 'string' }, ['12345678901234567890'], 'big-number'],
    ['[12345678901234567890]', { bigNumbers: 'bigint' }, [12345678901234567890n], 'big-number'],
    ['[12345678901234567890]', { bigNumbers: 'round' }, [12345678901234567000], 'big-number'],
    ['["a\\ud83d"]', { loneSurrogates: 'replace' }, ['a\ufffd'], 'lone-surrogate'],
    ['{"a":[1, 2 ', { missingBrackets: 'close' }, { a: [1, 2] }, 'missing-bracket'],
    ['{"a":[1,2}', { missingBrackets: 'close' }, { a: [1, 2] }, 'missing-bracket'],
  ])('is settled by a policy: %s under %j', (text, policy, value, name) => {
    const reading = readWhole(text, policy)
    expect(reading).toMatchObject({ kind: 'whole', value })
    expect(reading).not.toHaveProperty('fault')
    expect(reading.kind === 'whole' && reading.fixes.map((fix) => fix.name)).toContain(name)
  })

  test('stays refused where a policy has no form for it', () => {
    for (const bigNumbers of ['bigint', 'round'] as const) {
      expect(readWhole('[1e999]', { bigNumbers })).toMatchObject({ fault: { code: 'UNSAFE_NUMBER' } })
    }
    for (const text of ['{"a":1', '{"a":"x', '{"a":', '[1,', '{"a":{']) {
      expect(readWhole(text, { missingBrackets: 'close' })).toMatchObject({ fault: { code: 'TRUNCATED' } })
    }
  })

  test('never reaches the prototype of an object', () => {
    for (const forbiddenKeys of ['refuse', 'drop', 'keep'] as const) {
      const reading = readWhole('{"__proto__":{"isAdmin":true},"a":1}', { forbiddenKeys })
      if (reading.kind !== 'whole') expect.fail('not read')
      expect(Object.getPrototypeOf(reading.value)).toBe(Object.prototype)
      expect(reading.value).not.toHaveProperty('isAdmin')
    }
  })
})
