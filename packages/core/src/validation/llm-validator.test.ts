import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { LlmAnswerFacts } from './finish-reason.ts'
import type { ReadRules } from './json/read-state.ts'
import type { LlmValidatorOptions } from './llm-validator.ts'
import type { LlmOutcome } from './outcome.ts'

const scanned = vi.hoisted(() => ({ characters: 0 }))
vi.mock('./json/read-json.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('./json/read-json.ts')>()
  return {
    ...original,
    readJson: (text: string, start: number, limit: number, rules: ReadRules) => {
      const reading = original.readJson(text, start, limit, rules)
      scanned.characters += (reading.kind === 'whole' ? reading.end : reading.fault.end) - start
      return reading
    },
  }
})

const { LlmValidator } = await import('./llm-validator.ts')

/** Reads strict JSON found in the answer. */
function extract<Value>(
  answer: string,
  { schema, limits, ...facts }: LlmAnswerFacts & LlmValidatorOptions<Value>,
): LlmOutcome<Value> {
  return new LlmValidator({ schema, mode: 'extract', ...(limits && { limits }) }).parse(answer, facts)
}

const anything = z.unknown()
const named = z.strictObject({ name: z.string() })
const ada = '{"name":"Ada"}'

/** JSON values that the parser does not refuse for a fault. */
const plainJson = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => !/\d{16}|__proto__/.test(JSON.stringify(value)) && JSON.stringify(value).isWellFormed())
  // One spelling: what JSON cannot tell apart (-0 and 0) is made equal first.
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const plainContainer = plainJson.filter((value) => typeof value === 'object' && value !== null)
const prose = fc
  .array(
    fc.constantFrom('Here is', 'the "answer"', "it's", 'done.', '\n', '1.', '}', ']', ':', ',', '\\', 'é'),
    { maxLength: 12 },
  )
  .map((words) => words.join(' '))

beforeEach(() => {
  scanned.characters = 0
})

test('of two fences that begin within an object the first one is named', () => {
  const answer = 'So:\n```json\n"name": "Ada"\n```\nOr:\n```json\n"name": "Bob"\n```\n'
  const result = extract(answer, { schema: named })
  expect(result).toMatchObject({ ok: false, code: 'MALFORMED' })
  expect(result.ok ? undefined : answer.slice(...(result.span ?? []))).toContain('Ada')
})

describe('an answer that holds one JSON value', () => {
  test('is recovered exactly when it is the whole answer', () => {
    fc.assert(
      fc.property(plainJson, fc.constantFrom('', ' \n', '\uFEFF'), fc.nat(4), (value, before, indent) => {
        const result = extract(`${before}${JSON.stringify(value, null, indent)}\n`, { schema: anything })
        const fixes = before === '\uFEFF' ? [{ name: 'byte-order-mark', start: 0, end: 1 }] : []
        expect(result).toEqual({ ok: true, value, fixes, confidence: 1, source: 'whole', candidates: 1 })
      }),
    )
  })

  test('is recovered exactly from a fence within prose', () => {
    fc.assert(
      fc.property(
        plainJson,
        prose,
        prose,
        fc.constantFrom('```', '~~~', '````'),
        fc.constantFrom('', 'json', 'JSON', ' json5', 'python'),
        (value, before, after, fence, language) => {
          const answer = `${before}\n${fence}${language}\n${JSON.stringify(value, null, 2)}\n${fence}\n${after}`
          expect(extract(answer, { schema: anything })).toEqual({
            ok: true,
            value,
            source: 'fence',
            fixes: [{ name: 'fence-extracted', start: expect.any(Number), end: expect.any(Number) }],
            confidence: 0.99,
            candidates: 1,
          })
        },
      ),
    )
  })

  test('is recovered exactly from prose, if an object or array', () => {
    fc.assert(
      fc.property(plainContainer, prose, prose, (value, before, after) => {
        const answer = `So ${before} ${JSON.stringify(value)} ${after} so`
        expect(extract(answer, { schema: anything })).toEqual({
          ok: true,
          value,
          source: 'prose',
          fixes: [{ name: 'prose-extracted', start: expect.any(Number), end: expect.any(Number) }],
          confidence: 0.95,
          candidates: 1,
        })
      }),
    )
  })

  test.each([
    ['after reasoning', `<think>{"name":"Bob"} or {</think>\n${ada}`, 'whole'],
    [
      'after reasoning whose opening tag the template took',
      `maybe {"name":"Bob"}\n</think>\n${ada}`,
      'whole',
    ],
    ['in a fence after reasoning', `<thinking>\n[x</thinking>\n\`\`\`json\n${ada}\n\`\`\``, 'fence'],
    ['in a fence that is never closed', `\`\`\`json\n${ada}`, 'fence'],
    ['in a fence on one line', `Sure: \`\`\`json ${ada} \`\`\``, 'prose'],
    ['in inline code', `It is \`${ada}\`.`, 'prose'],
    ['after a fence of another language', `\`\`\`js\nconst a = {"name":"Bob"}\n\`\`\`\nso ${ada}`, 'prose'],
    ['in a fence, beside an example in prose', `Like {"name":"…"}:\n\`\`\`\n${ada}\n\`\`\``, 'fence'],
    ['after a comment inside the fence', `\`\`\`json\nresult:\n${ada}\n\`\`\``, 'fence'],
    ['twice the same', `${ada} – that is: { "name": "\\u0041da" }`, 'prose'],
    ['beside JSON of another shape', `See [1] and {"other":true}. ${ada}`, 'prose'],
  ])('is found %s', (_name, answer, source) => {
    expect(extract(answer, { schema: named })).toMatchObject({
      ok: true,
      value: { name: 'Ada' },
      source,
    })
  })

  test('keeps tags and fences within strings', () => {
    const value = { name: '<think>```json\n{"name":"Bob"}\n```</think>' }
    const answer = `Here:\n${JSON.stringify(value)}\n`
    expect(extract(answer, { schema: named })).toMatchObject({ ok: true, value })
  })

  test('has the value that the schema gives', () => {
    const schema = z.object({ n: z.number().default(7) })
    expect(extract('{}', { schema })).toMatchObject({ ok: true, value: { n: 7 } })
  })
})

describe('an answer is refused', () => {
  test.each([
    ['EMPTY', 'without text', ' \n'],
    ['EMPTY', 'with reasoning only', '<think>x</think>\n'],
    ['NO_JSON', 'that is prose', 'I am sorry, I cannot help with that request.'],
    ['NO_JSON', 'that is a bare word', 'true-ish'],
    ['MALFORMED', 'with a trailing comma', '{"name":"Ada",}'],
    ['MALFORMED', 'with single quotes', "{'name':'Ada'}"],
    ['ELIDED', 'with an elided list', '[1, 2, ...]'],
    ['MISSING_VALUE', 'with a value left out', '{"a":,"name":"Ada"}'],
    ['MALFORMED', 'whose only whole part is within a broken object', '{"x":{"name":"Ada"},}'],
    [
      'MALFORMED',
      'with a broken fence beside a whole example',
      `${ada}\n\`\`\`json\n{"name":"Bob",}\n\`\`\``,
    ],
    ['NO_JSON', 'whose only whole part is within a broken list', 'so [{}, [1], oops]'],
    ['UNSAFE_NUMBER', 'with NaN', '{"name":NaN}'],
    ['TRUNCATED', 'that ends within its object', '{"name":"Ada"'],
    ['TRUNCATED', 'that ends within a number', 'so {"a":12'],
    ['TRUNCATED', 'that ends within a string', '{"name":"A'],
    ['TRUNCATED', 'that ends within its fence', '```json\n{"name":'],
    ['TRUNCATED', 'that ends within a second object', `${ada} {"name":"B`],
    ['TRUNCATED', 'that ends within its reasoning', `<think>${ada}`],
    ['DUPLICATE_KEY', 'with a key given twice', '{"name":"Ada","name":"Bob"}'],
    ['FORBIDDEN_KEY', 'with __proto__', '{"__proto__":{"name":"Ada"}}'],
    ['UNSAFE_NUMBER', 'with a number too large', '{"name":12345678901234567890}'],
    ['LONE_SURROGATE', 'with half a character', '{"name":"\\ud800"}'],
    ['TOO_DEEP', 'nested too deep', '['.repeat(65) + ']'.repeat(65)],
    ['AMBIGUOUS', 'with two different values', `${ada} or {"name":"Bob"}`],
    ['AMBIGUOUS', 'with two different fences', `\`\`\`\n${ada}\n\`\`\`\n\`\`\`\n{"name":"Bob"}\n\`\`\``],
    ['TOO_MANY_CANDIDATES', 'with too many JSON texts', '[] '.repeat(65)],
    ['SCHEMA_MISMATCH', 'of another shape', '{"title":"Ada"}'],
  ])('as %s %s', (code, _name, answer) => {
    expect(extract(answer, { schema: named })).toMatchObject({ ok: false, code })
  })

  test.each(['content_filter', 'content-filter', 'refusal', 'SAFETY'])(
    'as REFUSED on finish reason %s',
    (finishReason) => {
      expect(extract(ada, { schema: named, finishReason })).toMatchObject({ code: 'REFUSED' })
    },
  )

  test.each([undefined, null])('not for what the provider leaves out: %s', (absent) => {
    expect(extract(ada, { schema: named, finishReason: absent, refusal: absent })).toMatchObject({ ok: true })
  })

  test('as REFUSED when the provider gives a refusal', () => {
    expect(extract(ada, { schema: named, refusal: 'No.' })).toMatchObject({ code: 'REFUSED' })
  })

  test.each(['length', 'max_tokens', 'MAX_TOKENS', 'interrupted'])(
    'as TRUNCATED on finish reason %s, whole as it looks',
    (finishReason) => {
      expect(extract(ada, { schema: named, finishReason })).toMatchObject({ code: 'TRUNCATED' })
    },
  )

  test('as TOO_LARGE beyond the limit, not at it', () => {
    const limits = { maxCharacters: ada.length }
    expect(extract(ada, { schema: named, limits })).toMatchObject({ ok: true })
    expect(extract(`${ada} `, { schema: named, limits })).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('when cut anywhere within its object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), plainJson), prose, fc.nat(), (value, before, cut) => {
        const json = JSON.stringify(value)
        const answer = `So ${before} ${json.slice(0, 1 + (cut % (json.length - 1)))}`
        expect(extract(answer, { schema: anything })).toMatchObject({ ok: false, code: 'TRUNCATED' })
      }),
    )
  })
})

describe('any answer', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        '{"a":',
        '[',
        ']',
        '}',
        '{',
        '"',
        '\\',
        '```json\n',
        '\n```\n',
        '~~~\n',
        '<think>',
        '</think>',
        '\n',
        '1,',
        'x',
        ada,
      ),
      fc.string(),
    ),
    { maxLength: 40 },
  )

  test('makes nothing throw, and each character is scanned thrice at most', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const answer = parts.join('')
        scanned.characters = 0
        extract(answer, { schema: anything })
        expect(scanned.characters).toBeLessThanOrEqual(3 * answer.length)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    '[',
    '{"a":',
    '[1,',
    '{ ',
    '["',
    '"\\',
    '```\n[\n',
    '~~~json\n{"a":1}\n~~~\n',
    '<think>',
    '\n<think>',
    '</think>\n',
    '[]',
    '{"a":1} ',
  ])('that repeats %j is scanned in linear steps', (piece) => {
    for (const end of ['', ' x']) {
      const answer = piece.repeat(20_000) + end
      scanned.characters = 0
      extract(answer, { schema: anything })
      expect(scanned.characters).toBeLessThanOrEqual(3 * answer.length)
    }
  })
})

describe('a schema', () => {
  test('that answers later is refused, and its rejection goes nowhere', () => {
    const schema = {
      '~standard': { version: 1, vendor: 'test', validate: () => Promise.reject(new Error('late')) },
    } as const
    expect(() => extract('1', { schema })).toThrow('option schema must be a schema that answers at once')
  })

  test.each([undefined, {}, { type: 'object' }])('that is none is refused at once: %j', (schema) => {
    expect(() => new LlmValidator({ schema } as never)).toThrow('option schema must be a Standard Schema')
  })

  test('has its issues told by path, expectation and kind, of the longest candidate', () => {
    const schema = z.strictObject({
      items: z.array(z.object({ size: z.number().max(9), kind: z.enum(['a', 'b']) })),
    })
    const answer = '[1] {"items":[{"size":10,"kind":"secret-text"}],"extra":"secret"}'
    expect(extract(answer, { schema })).toMatchObject({
      code: 'SCHEMA_MISMATCH',
      issues: [
        { path: ['items', 0, 'size'], expected: 'at most 9', kind: 'too_big' },
        { path: ['items', 0, 'kind'], expected: 'one of "a", "b"', kind: 'invalid_value' },
        { path: [], expected: 'no other keys', kind: 'unrecognized_keys' },
      ],
    })
  })
})
