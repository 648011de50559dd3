import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LlmValidator } from '../llm-validator.ts'

const schema = z.object({ version: z.string(), rows: z.array(z.object({ n: z.number() })) })
const validator = new LlmValidator({ schema, coercion: 'safe' })

describe('an answer whose value is converted', () => {
  it.each(['1.10', '5.0', '1e3', '-0', '7'])('keeps the number %s as it was written', (version) => {
    const text = `Here: {"version": ${version}, "rows": []}`
    expect(validator.parse(text)).toMatchObject({ ok: true, value: { version, rows: [] } })
  })

  it('names each conversion and where it was made', () => {
    const text = '```json\n{"rows": [{"n": 1}, {"n": "2"}], "version": 1.50}\n```'
    const outcome = validator.parse(text)
    expect(outcome).toMatchObject({ ok: true, value: { version: '1.50', rows: [{ n: 1 }, { n: 2 }] } })
    const coerced = outcome.ok ? outcome.fixes.filter((fix) => fix.name.startsWith('coerced-')) : []
    expect(coerced.map(({ name, path, start, end }) => [name, path, text.slice(start, end)])).toEqual([
      ['coerced-number', ['rows', 1, 'n'], '"2"'],
      ['coerced-string', ['version'], '1.50'],
    ])
  })

  it('is less sure than one that fits as it is', () => {
    const exact = validator.parse('{"version": "7", "rows": []}')
    const coerced = validator.parse('{"version": 7, "rows": []}')
    expect(exact).toMatchObject({ confidence: 1 })
    expect(coerced.ok && coerced.confidence).toBeLessThan(1)
  })

  it('takes a value that fits as it is before one that fits when converted', () => {
    const text = 'Not {"version": 7, "rows": []} but {"version": "8", "rows": []}'
    expect(validator.parse(text)).toMatchObject({ ok: true, value: { version: '8' } })
  })

  it('never throws, whatever the values and the schema', () => {
    const schemas = [
      z.array(z.string()),
      z.object({ a: z.union([z.number(), z.array(z.bigint()), z.literal('x')]) }),
      z.record(z.string(), z.boolean().optional()),
      z.discriminatedUnion('a', [
        z.object({ a: z.literal('x') }),
        z.object({ a: z.literal('y'), b: z.int() }),
      ]),
    ]
    const scalar = fc.constantFrom(
      '"x"',
      '" X"',
      '"12"',
      '12345678901234567890',
      '"true"',
      'null',
      '1.10',
      '{}',
    )
    const key = fc.constantFrom('a', 'b', '0', '__proto__', '')
    const json = fc.oneof(
      scalar,
      fc.array(scalar).map((items) => `[${items.join(',')}]`),
      fc.array(fc.tuple(key, scalar)).map((all) => `{${all.map(([k, v]) => `"${k}":${v}`).join(',')}}`),
    )
    fc.assert(
      fc.property(json, fc.constantFrom(...schemas), (text, one) => {
        const lenient = new LlmValidator<unknown>({
          schema: one,
          coercion: 'lenient',
          bigNumbers: 'bigint',
          forbiddenKeys: 'keep',
          duplicateKeys: 'last',
        })
        expect(typeof lenient.parse(text).ok).toBe('boolean')
        expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
      }),
    )
  })

  it('writes a number out that no double keeps, where it was read as a bigint', () => {
    const texts = new LlmValidator({
      schema: z.object({ id: z.string() }),
      coercion: 'safe',
      bigNumbers: 'bigint',
    })
    const value = { id: '12345678901234567890' }
    expect(texts.parse('{"id": 12345678901234567890}')).toMatchObject({ ok: true, value })
  })

  it('reads a long answer with a thousand conversions in little time', () => {
    const rows = Array.from({ length: 1000 }, (_, n) => ({ n: `${n}`, more: 'x'.repeat(900) }))
    const before = process.cpuUsage()
    const outcome = validator.parse(JSON.stringify({ version: '1', rows }))
    const cpuMs = process.cpuUsage(before).user / 1000
    expect(outcome.ok && outcome.fixes).toHaveLength(1000)
    // Looking through the text once for each conversion takes about ten seconds.
    expect(cpuMs).toBeLessThan(4000)
  })
})
