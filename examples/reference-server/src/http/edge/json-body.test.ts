import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpError } from '../http-error.ts'
import { parseJsonBody } from './json-body.ts'

const LIMITS = { maxJsonDepth: 4, maxJsonMembers: 5 }
const read = (text: string | Buffer): unknown => parseJsonBody(Buffer.from(text), LIMITS)

function refusal(text: string | Buffer): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof HttpError) return `${error.failure.status} ${error.failure.errorCode}`
    throw error
  }
  return 'taken'
}

describe('a JSON body', () => {
  it('is what JSON says it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        const limits = { maxJsonDepth: 100, maxJsonMembers: 100_000 }
        fc.pre(!/__proto__|constructor|\\u/.test(text))
        expect(parseJsonBody(Buffer.from(text), limits)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('is nothing where it is empty', () => {
    expect(read('')).toBeUndefined()
  })

  const CASES: readonly (readonly [string | Buffer, string])[] = [
    ['[[[[1]]]]', 'taken'],
    ['[[[[[1]]]]]', '400 BODY_TOO_DEEP'],
    [`${'['.repeat(100_000)}`, '400 BODY_TOO_DEEP'],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5}', 'taken'],
    ['{"a":1,"b":2,"c":3,"d":4,"e":{"f":6}}', '400 BODY_TOO_MANY_MEMBERS'],
    ['"[[[[[[{{{{{{::::::::\\"::"', 'taken'],
    ['{"a":', '400 BODY_NOT_JSON'],
    ["{'a':1}", '400 BODY_NOT_JSON'],
    ['NaN', '400 BODY_NOT_JSON'],
    ['\uFEFF{}', '400 BODY_NOT_JSON'],
    ['{}{}', '400 BODY_NOT_JSON'],
    [Buffer.from([0x22, 0xc3, 0x28, 0x22]), '400 BODY_NOT_UTF8'],
    [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), '400 BODY_NOT_UTF8'],
    [Buffer.from('{"a":1}', 'utf16le'), '400 BODY_NOT_JSON'],
    ['{"__proto__":{"isAdmin":true}}', '400 BODY_FORBIDDEN_MEMBER'],
    ['{"a":[{"\\u005f_proto__":1}]}', '400 BODY_FORBIDDEN_MEMBER'],
    ['{"constructor":{"prototype":{"isAdmin":true}}}', '400 BODY_FORBIDDEN_MEMBER'],
    ['{"title":"the constructor of __proto__"}', 'taken'],
    ['{"constructor":"Bauhaus"}', 'taken'],
    ['{"name":"admin","name":"x"}', '400 BODY_REPEATED_MEMBER'],
    ['{"name":1,"b":[{"c":1}],"n\\u0061me":2}', '400 BODY_REPEATED_MEMBER'],
    ['[{"a":{"b":1,"b" : 2}}]', '400 BODY_REPEATED_MEMBER'],
    ['[{"a":1},{"a":{"a":"a"}}]', 'taken'],
    ['{"a":"b","b":"a:a"}', 'taken'],
    ['{"\\x":1}', '400 BODY_NOT_JSON'],
    ['"a\\u0000b"', '400 BODY_FORBIDDEN_TEXT'],
    ['{"\\ud800":1}', '400 BODY_FORBIDDEN_TEXT'],
    ['"\\ud83d\\ude00"', 'taken'],
  ]

  it.each(CASES.map(([text, answer]) => [JSON.stringify(String(text)).slice(0, 40), answer, text] as const))(
    'such as %s is %s',
    (_label, answer, text) => {
      expect(refusal(text)).toBe(answer)
    },
  )
})
