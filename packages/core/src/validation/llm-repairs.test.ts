import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { LlmValidator, type LlmValidatorOptions } from './llm-validator.ts'
import type { LlmOutcome } from './outcome.ts'

const named = z.strictObject({ name: z.string() })
const ada = '{"name":"Ada"}'
const bob = '{"name":"Bob"}'

type Options = Omit<LlmValidatorOptions<unknown>, 'schema'>
const read = (answer: string, options: Options = {}): LlmOutcome<unknown> =>
  new LlmValidator({ schema: named, ...options }).parse(answer)

/** The names of the fixes, or the code of the refusal. */
const told = (outcome: LlmOutcome<unknown>): readonly string[] | string =>
  outcome.ok ? outcome.fixes.map((fix) => fix.name) : outcome.code

describe('an answer with faults of form', () => {
  test.each<[string, string, readonly string[]]>([
    ['printed by Python', "{'name': 'Ada'}", ['single-quotes', 'single-quotes']],
    [
      'in a fence of Python',
      "```python\n{'name': 'Ada',}\n```",
      ['fence-extracted', 'single-quotes', 'single-quotes', 'trailing-comma'],
    ],
    [
      'assigned in a script',
      '```js\nconst result = {name: "Ada"};\n```',
      ['fence-extracted', 'unquoted-key'],
    ],
    [
      'within a fence of Markdown',
      `\`\`\`\`markdown\n# Result\n\`\`\`json\n${ada}\n\`\`\`\n\`\`\`\``,
      ['fence-extracted'],
    ],
    ['on the line that opens its fence', '```json{"name":\n"Ada"}\n```', ['fence-extracted']],
    ['within tags', `<answer>${ada}</answer>`, ['tag-extracted']],
    ['within CDATA', `<result><![CDATA[${ada}]]></result>`, ['tag-extracted']],
    ['after a label', `JSON> ${ada}`, ['prose-extracted']],
    ['with a byte order mark', `\uFEFF${ada}`, ['byte-order-mark']],
    ['after nested reasoning', `<think>a <think>{</think> b</think>${ada}`, ['reasoning-removed']],
    ['beside the shape it was asked for', `As {"name": "..."}: ${ada}`, ['prose-extracted']],
    ['with a remark after it', `${ada} // as asked`, ['comment']],
  ])('is read where the JSON is %s', (_name, answer, fixes) => {
    const outcome = read(answer)
    expect(outcome).toMatchObject({ ok: true, value: { name: 'Ada' } })
    expect(told(outcome)).toEqual(fixes)
    expect(outcome.ok && outcome.confidence).toBeGreaterThan(0.8)
  })

  test.each([
    ['MALFORMED', 'whose first bracket is missing', '"name":"Eve","of":{"name":"Ada"}}'],
    ['MALFORMED', 'that goes on after its bracket', '{"of":1}, "name": {"name":"Ada"}'],
    ['MALFORMED', 'with a bracket too many', `${ada}}`],
    [
      'MALFORMED',
      'whose reasoning may be part of a string',
      '```json\n{"name": "x\n<think>y</think>\n"}\n```',
    ],
    ['MISSING_VALUE', 'that is a key which holds a fence', `{'}\n~~~\n${ada}\n~~~\n'}`],
    ['TRUNCATED', 'whose fence begins a list after its value and ends', `~~~\n${ada}\n[\n~~~`],
    ['ELIDED', 'that goes on in dots', `So: ${ada}...`],
    ['ELIDED', 'whose remark says that more was left out', `${ada} // rest omitted`],
    ['AMBIGUOUS', 'with one value in a fence and another in prose', `${ada}\n\`\`\`json\n${bob}\n\`\`\``],
    ['AMBIGUOUS', 'with two tags', `<json>${ada}</json> or <json>${bob}</json>`],
    ['SCHEMA_MISMATCH', 'that is JSON in a string', JSON.stringify(ada)],
    [
      'SCHEMA_MISMATCH',
      'of lines where one value is due',
      `${ada}\n{"name":1}`.replace('Ada"', 'Ada","x":1'),
    ],
  ])('is refused as %s %s', (code, _name, answer) => {
    expect(told(read(answer))).toBe(code)
  })

  const cut = `{'x\n~~~~${ada}':\n0}`
  const withInner = `{'x': '\n~~~\n${ada}\n~~~\n'}`
  test.each([
    ['in a tag', `<answer>\n${cut}\n</answer>`],
    ['in prose', `Here: ${cut} done.`],
    ['closed before the string ends', `So: ${withInner} done.`],
    ['after a fault', `So: {'why': what, 'x': '\n~~~\n${ada}\n~~~\n'} done.`],
    ['after a fault that is closed once too often', `So: {"y": <y>}} and ${withInner} done.`],
    ['in double quotes', `So: {"x": "\n\`\`\`json\n${ada}\n\`\`\`\n"} done.`],
    ['in a list of texts', `So: ["x\n~~~\n${ada}\n~~~\n"] done.`],
    [
      'in a fence of a script, which ends in another string',
      `\`\`\`js\n{'k': '\n\`\`\`\n~~~\n${ada}\n~~~\n'}\n\`\`\``,
    ],
    ['in a fence of Markdown', `\`\`\`\`md\nSo: ${withInner}\n\`\`\`\``],
    ['after a bracket in a string', `So: {"a": "}\n~~~\n${ada}\n~~~\n"} done.`],
    ['after a bracket in a string of Python', `So: {'a': '}\n~~~\n${ada}\n~~~\n'} done.`],
    ['after a bracket in a smart string', `So: {“a”: “}\n~~~\n${ada}\n~~~\n”} done.`],
    ['after a bracket in a script', `So: {a: \`}\n~~~\n${ada}\n~~~\n\`} done.`],
    ['after a fault and a bracket', `So: {"a": why, "b": "}\n~~~\n${ada}\n~~~\n"} done.`],
    ['after a key without a colon', `So: {"a" "}\n~~~\n${ada}\n~~~\n"} done.`],
    ['after what is no key', `So {why 'x': '\n~~~\n${ada}\n~~~\n'} done.`],
    ['after a word in a list', `So: [why, ']\n~~~\n${ada}\n~~~\n'] done.`],
    ['after a bracket in prose', `Of [x], {why 'x': '\n~~~\n${ada}\n~~~\n'} done.`],
  ])('is refused where a fence may be part of a string %s', (_name, answer) => {
    for (const mode of ['repair', 'extract'] as const)
      expect(told(read(answer, { mode }))).toMatch(/^(MALFORMED|TRUNCATED)$/)
  })

  test.each([
    ['with a bracket that opens nothing', 'The character { opens a block.'],
    ['with a half-open interval', 'For x in [0, 1) this holds.'],
    ['with an example that is closed', 'Like {"name": <a name>}.'],
    ['with a quotation in brackets', "I've read [note: \"critical\" isn't 'high']. It's this:"],
    ['with a set of texts', "It's one of {'a', \"b\"}, isn't it?"],
    ['with a quotation after a half-open interval', 'For x in [0, 1) it says: "x" is small.'],
  ])('is read from a fence after prose %s', (_name, before) => {
    expect(read(`${before}\n~~~\n${ada}\n~~~`)).toMatchObject({ ok: true, value: { name: 'Ada' } })
  })

  test('is read from a fence before prose that breaks off', () => {
    expect(read(`~~~\n${ada}\n~~~\nAs {"a": "`)).toMatchObject({ ok: true, value: { name: 'Ada' } })
  })

  test('has its span told in the answer itself, whatever was removed before', () => {
    const answer = `\uFEFF<think>hm</think>\n\`\`\`json\n{"name": undefined}\n\`\`\``
    const outcome = read(answer)
    if (outcome.ok || outcome.span === undefined) expect.fail('no span')
    expect(answer.slice(...outcome.span)).toBe('undefined')
    expect(outcome.issues).toEqual([{ path: ['name'], expected: 'a value', kind: 'missing_value' }])
  })

  test('has the span of the value that does not fit', () => {
    const outcome = read('Here: {name: 42}')
    expect(outcome).toMatchObject({ code: 'SCHEMA_MISMATCH', span: [13, 15] })
  })
})

describe('the mode extract', () => {
  test.each([
    ['within a list that it would have to repair', `So: [None, ${ada}]`],
    ['within an object that it would have to repair', `{'why': ${ada},}`],
    ['within a line that it would have to repair', `{'why': 1}\n[None, ${ada}]`],
    ['beside another that it would have to repair', `First {'name': 'Bob'}, then ${ada}`],
    ['that it would have to repair', "{'name': 'Ada'}"],
    ['that it would have to repair, in a string', JSON.stringify("{'name': 'Ada'}")],
  ])('refuses a value %s', (_name, answer) => {
    for (const lines of ['refuse', 'array'] as const)
      expect(read(answer, { mode: 'extract', lines, coercion: 'lenient' }).ok).toBe(false)
  })

  test.each([
    ['beside another shape that it would have to repair', `Not {'id': 'Bob'} but ${ada}`],
    ['beside the same, written otherwise', `{'name': 'Ada'}, that is ${ada}`],
    ['after a remark in its fence', `\`\`\`jsonc\n// as asked\n${ada}\n\`\`\``],
  ])('reads a value %s', (_name, answer) => {
    expect(read(answer, { mode: 'extract' })).toMatchObject({ ok: true, value: { name: 'Ada' } })
  })
})

describe('an option', () => {
  const two = `First ${ada}, no, {"name":"Robert"}, or ${bob}`
  test.each([
    ['first', 'Ada'],
    ['last', 'Bob'],
    ['largest', 'Robert'],
  ] as const)('chooses the %s of several values', (choose, name) => {
    const outcome = read(two, { choose })
    expect(outcome).toMatchObject({ ok: true, value: { name }, candidates: 3 })
    expect(told(outcome)).toContain('candidate-chosen')
  })

  test('reads lines as an array', () => {
    const list = new LlmValidator({ schema: z.array(named), lines: 'array' })
    expect(list.parse(`${ada}\n${bob}\n`)).toMatchObject({
      ok: true,
      value: [{ name: 'Ada' }, { name: 'Bob' }],
    })
    expect(list.parse(ada)).toMatchObject({ ok: true, value: [{ name: 'Ada' }] })
    expect(list.parse(`[${ada}]`)).toMatchObject({ ok: true, value: [{ name: 'Ada' }], fixes: [] })
    expect(new LlmValidator({ schema: z.array(named) }).parse(`${ada}\n${bob}`).ok).toBe(false)
  })

  test('reads JSON in a string where lenient conversion is asked for', () => {
    const outcome = read(JSON.stringify(ada), { coercion: 'lenient' })
    expect(outcome).toMatchObject({ ok: true, value: { name: 'Ada' } })
    expect(told(outcome)).toContain('double-encoded')
  })

  test('reads what came of an answer that was cut, if a part is asked for', () => {
    const schema = z.object({ done: z.array(z.number()), note: z.string().optional() })
    const cut = '```json\n{"done": [1, 2, 34], "note": "and th'
    const validator = new LlmValidator({ schema })
    expect(validator.parse(cut, { finishReason: 'length' })).toMatchObject({ code: 'TRUNCATED' })
    expect(validator.parse(cut)).toMatchObject({ code: 'TRUNCATED' })
    const outcome = validator.parse(cut, { finishReason: 'length', partial: true })
    expect(outcome).toMatchObject({ ok: true, value: { done: [1, 2, 34] } })
    expect(told(outcome)).toEqual(['fence-extracted', 'partial-dropped'])
    expect(validator.parse('{"done": [1, 23', { partial: true })).toMatchObject({ value: { done: [1] } })
  })

  test('that is unknown is refused at once', () => {
    // Safe: the cast only lets the wrong value through to the check.
    const wrong = { schema: named, choose: 'best' } as unknown as LlmValidatorOptions<unknown>
    expect(() => new LlmValidator(wrong)).toThrow('option choose must be one of only, first, last, largest')
  })
})
