import { describe, expect, it } from 'vitest'
import { applyEdits, valueAt } from './edit.ts'
import { sitesOf } from './site.ts'

describe('valueAt', () => {
  it('finds own properties alone, undefined and null among them', () => {
    expect(valueAt({ a: [null] }, ['a', 0])).toEqual({ value: null })
    expect(valueAt({}, ['toString'])).toBeUndefined()
    expect(valueAt('text', ['length'])).toBeUndefined()
    expect(valueAt([1], [1])).toBeUndefined()
  })
})

describe('applyEdits', () => {
  it('shares what it does not touch and leaves the value as it was', () => {
    const json = { a: { b: '1' }, c: { d: 2 } }
    const edited = applyEdits(json, [{ kind: 'replace', path: ['a', 'b'], value: 1 }])
    expect(edited).toEqual({ a: { b: 1 }, c: { d: 2 } })
    expect(edited).toHaveProperty('c', json.c)
    expect(json.a.b).toBe('1')
  })

  it('changes a key named like the prototype as any other', () => {
    const json: unknown = JSON.parse('{"__proto__": "1"}')
    const edited = applyEdits(json, [{ kind: 'replace', path: ['__proto__'], value: 1 }])
    expect(JSON.stringify(edited)).toBe('{"__proto__":1}')
    expect(Object.getPrototypeOf(edited)).toBe(Object.prototype)
  })

  it('takes a key out of an object, and never an item out of a list', () => {
    const edits = [{ kind: 'remove', path: ['a'] } as const, { kind: 'remove', path: ['l', 0] } as const]
    expect(applyEdits({ a: null, l: [null] }, edits)).toEqual({ l: [null] })
  })
})

describe('sitesOf', () => {
  const rules = { level: 'lenient', literalAt: () => undefined } as const

  it('takes of places within one another the outermost alone', () => {
    const complaints = [
      { path: ['a', 'b'], allowed: [] },
      { path: ['a'], allowed: [] },
      { path: ['c'], allowed: [] },
    ]
    const sites = sitesOf({ a: { b: '1' }, c: '2' }, complaints, rules)
    expect(sites?.map((site) => site.path)).toEqual([['a'], ['c']])
  })

  it('gives up where one place cannot be mended', () => {
    expect(
      sitesOf(
        { a: '1', b: [] },
        [
          { path: ['a'], allowed: [] },
          { path: ['b'], allowed: [] },
        ],
        rules,
      ),
    ).toBeUndefined()
  })
})
