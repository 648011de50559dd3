import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LlmValidator } from '../llm-validator.ts'
import { LlmStream } from './llm-stream.ts'

interface Limits {
  readonly maxCharacters?: number
  readonly maxDepth?: number
}

function streamOf<Value>(schema: z.ZodType<Value>, limits: Limits = {}): LlmStream<Value> {
  const given = { maxCharacters: 1_000_000, maxDepth: 64, ...limits }
  const validator = new LlmValidator({ schema, limits: given })
  return new LlmStream({ parse: (text, facts) => validator.parse(text, facts), ...given })
}

const report = z.object({
  title: z.string(),
  score: z.number(),
  tags: z.array(z.string()),
  by: z.object({ name: z.string() }),
})

describe('LlmStream', () => {
  it('shows what has come, and says what of it is done', () => {
    const stream = streamOf(report)
    stream.push('Sure:\n```json\n{"title": "Qua')
    expect(stream.value).toEqual({ title: 'Qua' })
    expect([stream.isDone(['title']), stream.isDone(['score']), stream.isDone()]).toEqual([
      false,
      false,
      false,
    ])
    expect(stream.push('rterly", "score": 12')).toEqual([{ path: ['title'], value: 'Quarterly' }])
    expect(stream.value).toEqual({ title: 'Quarterly' })
    expect(stream.isDone(['title'])).toBe(true)
    expect(stream.push('34, "tags": ["a", "b')).toEqual([
      { path: ['score'], value: 1234 },
      { path: ['tags', 0], value: 'a' },
    ])
    expect(stream.value?.tags).toEqual(['a', 'b'])
    expect([stream.isDone(['tags', 0]), stream.isDone(['tags', 1]), stream.isDone(['tags'])]).toEqual([
      true,
      false,
      false,
    ])
    stream.push('"], "by": {"name": "Ada"}}\n```')
    expect([stream.state, stream.isDone(), stream.isDone(['by', 'name'])]).toEqual(['done', true, true])
    expect(stream.outcome()).toMatchObject({ ok: true, value: stream.value, source: 'fence' })
  })

  it('shows no number before its last digit, no half character and no half escape', () => {
    const stream = streamOf(z.array(z.unknown()))
    const seen: unknown[] = []
    for (const unit of String.raw`["a\u00e9\n😀", -12.5e1, true]`) {
      stream.push(unit)
      seen.push(structuredClone(stream.value))
    }
    const texts = seen.flatMap((value) => (Array.isArray(value) ? value.slice(0, 1) : []))
    expect(new Set(texts)).toEqual(new Set(['', 'a', 'aé', 'aé\n', 'aé\n😀']))
    const rest = seen.flatMap((value) => (Array.isArray(value) ? value.slice(1) : []))
    expect(new Set(rest)).toEqual(new Set([-125, true]))
    const halves = streamOf(z.array(z.string()))
    halves.push('["\ud83d')
    expect(halves.value).toEqual([''])
    halves.push('\ude00')
    expect(halves.value).toEqual(['😀'])
  })

  it('gives the value of JSON.parse and tells each member once, however the text is cut', () => {
    const json = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
    fc.assert(
      fc.property(json, fc.array(fc.nat(8), { minLength: 1 }), fc.boolean(), (value, cuts, isSpaced) => {
        const text = JSON.stringify(value, null, isSpaced ? 2 : 0)
        fc.pre(!/"(?:__proto__|constructor)"/.test(text) && !/\\ud[89a-f]/i.test(text))
        const stream = streamOf(z.unknown())
        const told: string[] = []
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const end = at + 1 + (cuts[turn % cuts.length] ?? 0)
          for (const member of stream.push(text.slice(at, end))) {
            told.push(JSON.stringify(member.path))
            expect(stream.isDone(member.path)).toBe(true)
          }
          at = end
        }
        expect(stream.value).toEqual(JSON.parse(text))
        expect(new Set(told).size).toBe(told.length)
        expect(told).toHaveLength(countMembers(JSON.parse(text)))
      }),
    )
  })

  it.each([
    ['a bracket in prose', 'As noted [see below], {x} it is {"a": 1}', { a: 1 }],
    ['a reasoning block', '<think>maybe {"a": 2}?</think>{"a": 1}', { a: 1 }],
    ['a tag that is none', 'if a <b> then {"a": 1}', { a: 1 }],
  ])('skips %s', (_name, text, value) => {
    for (const length of [1, 3, 1000]) {
      const stream = streamOf(z.unknown())
      for (let at = 0; at < text.length; at += length) stream.push(text.slice(at, at + length))
      expect(stream.value).toEqual(value)
      expect(stream.state).toBe('done')
    }
  })

  it.each([
    ['a single quote', `{"a": 1, "b": 'x', "c": {"d": 1}}`, { a: 1 }],
    ['a key given twice', '{"a": 1, "a": 2}', { a: 1 }],
    ['a forbidden key', '{"a": 1, "__proto__": {"b": 1}}', { a: 1 }],
    ['half a surrogate pair', String.raw`{"a": 1, "b": "\ud83d"}`, { a: 1, b: '' }],
    ['an unknown escape', String.raw`{"a": 1, "b": "x\q"}`, { a: 1, b: '' }],
    ['a number of another notation', '{"a": 1, "b": 0x10}', { a: 1 }],
  ])('shows nothing more after %s, and leaves the rest to the outcome', (_name, text, value) => {
    const stream = streamOf(z.unknown())
    stream.push(text)
    expect(stream.state).toBe('broken')
    expect(stream.value).toEqual(value)
    expect(stream.push('{"e": 1}')).toEqual([])
    expect(Object.getPrototypeOf(stream.value)).toBe(Object.prototype)
  })

  it('reads the outcome even where the preview broke', () => {
    const stream = streamOf(z.object({ a: z.string() }))
    stream.push("{'a': 'x',}")
    expect(stream.value).toBeUndefined()
    expect(stream.outcome()).toMatchObject({ ok: true, value: { a: 'x' } })
  })

  it('refuses what was cut short, unless a part will do', () => {
    const stream = streamOf(z.object({ a: z.string(), b: z.string().optional() }))
    stream.push('{"a": "x", "b": "y')
    expect(stream.outcome({ finishReason: 'length' })).toMatchObject({ ok: false, code: 'TRUNCATED' })
    expect(stream.outcome({ finishReason: 'length', partial: true })).toMatchObject({
      ok: true,
      value: { a: 'x' },
    })
  })

  it('keeps no more than the limit, and goes no deeper', () => {
    const stream = streamOf(z.unknown(), { maxCharacters: 10 })
    for (let turn = 0; turn < 100; turn++) stream.push('[1,2,3,4,')
    expect(stream.outcome()).toMatchObject({ ok: false, code: 'TOO_LARGE' })
    expect(stream.value).toEqual([1, 2, 3, 4, []])
    const deep = streamOf(z.unknown(), { maxDepth: 2 })
    deep.push('{"a":[[1]]}')
    expect(deep.state).toBe('broken')
  })

  it('asks little more time of one character at a time than of one chunk: a megabyte in seconds', () => {
    const text = JSON.stringify({ rows: Array.from({ length: 20_000 }, (_, n) => ({ n, text: `row ${n}` })) })
    const stream = streamOf(z.unknown())
    const before = process.cpuUsage()
    for (const unit of text) stream.push(unit)
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000)
    expect(stream.value).toEqual(JSON.parse(text))
  })
})

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, one) => sum + countMembers(one), 1)
}
