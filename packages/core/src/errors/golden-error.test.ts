import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GoldenError, isGoldenError, serializeError } from './index.ts'

class SampleError extends GoldenError<'SAMPLE'> {}

describe('GoldenError', () => {
  it('carries its code, is not retryable unless told, and is named after its class', () => {
    const error = new SampleError({ code: 'SAMPLE', message: 'no' })
    expect(error).toMatchObject({ name: 'SampleError', code: 'SAMPLE', retryable: false, details: {} })
    expect('cause' in error).toBe(false)
  })

  it('has the name of its class also where a bundler put a line before it', () => {
    const Bundled = class _SampleError extends GoldenError {}
    expect(new Bundled({ code: 'SAMPLE', message: 'no' }).name).toBe('SampleError')
  })

  it('details cannot be changed through the object that was passed in', () => {
    const details = { count: 1 }
    const error = new SampleError({ code: 'SAMPLE', message: 'no', details })
    details.count = 2
    expect(error.details).toEqual({ count: 1 })
    expect(Object.isFrozen(error.details)).toBe(true)
  })

  it('says what to wait, where its details do', () => {
    const told = (retryAfterMs: unknown) =>
      new SampleError({ code: 'SAMPLE', message: 'no', details: { retryAfterMs } }).retryAfterMs
    expect([told(0), told(2.5)]).toEqual([0, 2.5])
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined]) {
      expect(told(value)).toBeUndefined()
    }
    expect(new SampleError({ code: 'SAMPLE', message: 'no' }).retryAfterMs).toBeUndefined()
  })

  it('toJSON keeps the codes of our causes and of system errors, whatever stands between them', () => {
    const system = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const plain = new TypeError('fetch failed', { cause: system })
    const error = new SampleError({ code: 'SAMPLE', message: 'no', retryable: true, cause: plain })
    expect(error.toJSON()).toEqual({
      name: 'SampleError',
      code: 'SAMPLE',
      message: 'no',
      retryable: true,
      details: {},
      cause: {
        name: 'TypeError',
        message: 'fetch failed',
        cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
      },
    })
  })

  it('toJSON ends on a cycle of causes', () => {
    const error = new Error('self')
    error.cause = error
    const text = JSON.stringify(new SampleError({ code: 'SAMPLE', message: 'no', cause: error }))
    expect(text).toContain('further causes left out')
  })

  it('toJSON gives JSON for any details and any cause', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }),
        ),
        fc.anything({ withBigInt: true, withNullPrototype: true }),
        (details, cause) => {
          const json = new SampleError({ code: 'SAMPLE', message: 'no', details, cause }).toJSON()
          expect(JSON.parse(JSON.stringify(json))).toMatchObject({ code: 'SAMPLE', message: 'no' })
        },
      ),
    )
  })

  it('toJSON writes bigints and dates in details as text', () => {
    const details = { id: 7n, at: new Date(0), nested: [Number.NaN, { big: 1n }] }
    expect(new SampleError({ code: 'SAMPLE', message: 'no', details }).toJSON().details).toEqual({
      id: '7',
      at: '1970-01-01T00:00:00.000Z',
      nested: ['NaN', { big: '1' }],
    })
  })
})

describe('isGoldenError', () => {
  it('knows our errors by their brand, with or without a code', () => {
    const error: unknown = new SampleError({ code: 'SAMPLE', message: 'no' })
    expect(isGoldenError(error)).toBe(true)
    expect(isGoldenError(error, 'SAMPLE')).toBe(true)
    expect(isGoldenError(error, 'OTHER')).toBe(false)
  })

  it('knows the errors of another copy of the module', async () => {
    const copyAddress = './golden-error.ts?copy'
    const copy: typeof import('./golden-error.ts') = await import(copyAddress)
    expect(copy.GoldenError).not.toBe(GoldenError)
    expect(isGoldenError(new copy.GoldenError({ code: 'COPY', message: 'no' }), 'COPY')).toBe(true)
  })

  it('refuses look-alikes and what is no object', () => {
    const lookAlike = { code: 'SAMPLE', message: 'no', retryable: false, details: {} }
    for (const value of [lookAlike, new Error('no'), null, undefined, 'SAMPLE', 1]) {
      expect(isGoldenError(value)).toBe(false)
    }
  })
})

describe('serializeError', () => {
  it('describes what is not an error by its type and text', () => {
    expect(serializeError('gone')).toEqual({ name: 'string', message: 'gone' })
    expect(serializeError({ a: 1n })).toEqual({ name: 'object', message: '{"a":"1"}' })
    expect(serializeError(undefined)).toEqual({ name: 'undefined', message: 'undefined' })
  })
})
