import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanJson } from './strict-scan.ts'

const scanWhole = (text: string): ReturnType<typeof scanJson> => scanJson(text, 0, text.length, 64)

function isWholeJson(text: string): boolean {
  const scan = scanWhole(text)
  return scan.kind === 'complete' && /^[ \t\r\n]*$/.test(text.slice(scan.end))
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const jsonLike = fc
  .array(
    fc.constantFrom(
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
      ' ',
      '\n',
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''))

describe('the strict scan', () => {
  test('accepts exactly what JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.string(), fc.json()), (text) => {
        expect(isWholeJson(text)).toBe(parses(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('calls every proper beginning of an object or array truncated', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())),
        fc.nat(),
        (value, cut) => {
          const text = JSON.stringify(value)
          expect(scanWhole(text.slice(0, 1 + (cut % (text.length - 1)))).kind).toBe('truncated')
        },
      ),
    )
  })

  test.each([
    ['a key given twice', '{"a":{"role":1,"role":2}}', 'DUPLICATE_KEY', ['a', 'role']],
    ['a key given twice in other spelling', '{"role":1,"r\\u006fle":2}', 'DUPLICATE_KEY', ['role']],
    ['__proto__ as a key', '[{"__proto__":{}}]', 'FORBIDDEN_KEY', [0, '__proto__']],
    ['__proto__ in escapes', '{"\\u005f_proto__":1}', 'FORBIDDEN_KEY', ['__proto__']],
    ['an integer beyond 2^53 - 1', '{"id":[1,9007199254740993]}', 'UNSAFE_NUMBER', ['id', 1]],
    ['an overflow', '[-1e999]', 'UNSAFE_NUMBER', [0]],
    ['an underflow', '[1e-999]', 'UNSAFE_NUMBER', [0]],
    ['half a surrogate pair', '["\\ud83d"]', 'LONE_SURROGATE', [0]],
    ['half a surrogate pair, unescaped', '["\ud83d"]', 'LONE_SURROGATE', [0]],
    ['half a surrogate pair in a key', '{"\\udc00":1}', 'LONE_SURROGATE', ['\udc00']],
  ])('finds %s', (_name, text, code, path) => {
    expect(scanWhole(text)).toMatchObject({ kind: 'complete', fault: { code, path } })
  })

  test.each(['9007199254740991', '0', '-0', '0e5', '1e21', '0.1', '"\\ud83d\\ude00"', '{"a":1,"b":{"a":1}}'])(
    'finds no fault in %s',
    (text) => {
      expect(scanWhole(text)).toEqual({ kind: 'complete', end: text.length })
    },
  )

  test('allows nesting up to the limit and reports one level more', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(scanWhole(nested(64))).toEqual({ kind: 'complete', end: 128 })
    expect(scanWhole(nested(65))).toMatchObject({ fault: { code: 'TOO_DEEP' } })
  })

  test('survives nesting that would exhaust the call stack', () => {
    const text = '['.repeat(500_000) + ']'.repeat(500_000)
    expect(scanWhole(text)).toMatchObject({ kind: 'complete', fault: { code: 'TOO_DEEP' } })
  })
})
