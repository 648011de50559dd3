import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  InvalidOptionError,
  requireFlag,
  requireFunction,
  requireMethods,
  requireNumber,
  withDefaults,
} from './index.ts'

interface RelayOptions {
  readonly database: { query(): void }
  readonly pollIntervalMs?: number | undefined
  readonly mode?: 'fast' | 'safe'
  readonly maxBytes?: number
  readonly name?: string
}

const DEFAULTS = {
  database: undefined,
  pollIntervalMs: 1000,
  mode: 'safe',
  maxBytes: null,
  name: undefined,
} as const

const database = { query: () => undefined }

describe('withDefaults', () => {
  it('fills in what is absent or undefined, and keeps what is given', () => {
    const options: RelayOptions = { database, pollIntervalMs: undefined, mode: 'fast' }
    expect(withDefaults(options, DEFAULTS)).toEqual({
      database,
      pollIntervalMs: 1000,
      mode: 'fast',
      maxBytes: null,
      name: undefined,
    })
  })

  it('keeps null, false, zero and empty text, which are values', () => {
    // What plain JavaScript may hand over.
    const options = { database, pollIntervalMs: 0, name: '', mode: null } as unknown as RelayOptions
    expect(withDefaults(options, DEFAULTS)).toMatchObject({ pollIntervalMs: 0, name: '', mode: null })
  })

  it('refuses a name that is none of the options, also where its value is undefined', () => {
    for (const value of [5, undefined]) {
      const options: RelayOptions & { readonly pollInterval: unknown } = { database, pollInterval: value }
      expect(() => withDefaults<RelayOptions, typeof DEFAULTS>(options, DEFAULTS)).toThrow(
        `option pollInterval must be left out (there are database, pollIntervalMs, mode, maxBytes, name), received ${value}`,
      )
    }
    const polluted: RelayOptions = JSON.parse('{"__proto__": {"mode": "fast"}}')
    expect(() => withDefaults(polluted, DEFAULTS)).toThrow(InvalidOptionError)
  })

  it('says of options that are part of others whose they are', () => {
    const options = { database, pollInterval: 5 }
    const inRelay = (given: RelayOptions) =>
      withDefaults<RelayOptions, typeof DEFAULTS>(given, DEFAULTS, 'relay.')
    expect(() => inRelay(options)).toThrow('option relay.pollInterval must be left out (there are database,')
    // What plain JavaScript may hand over.
    expect(() => inRelay('fast' as unknown as RelayOptions)).toThrow('option relay must be an object')
  })

  it.each([undefined, null, 'options', [1], 7])('refuses %j in place of options', (options) => {
    // What plain JavaScript may hand over.
    expect(() => withDefaults(options as unknown as RelayOptions, DEFAULTS)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option: 'options' }),
      }),
    )
  })

  it('knows which options are always there', () => {
    const resolved = withDefaults<RelayOptions, typeof DEFAULTS>({ database }, DEFAULTS)
    expectTypeOf(resolved.pollIntervalMs).toEqualTypeOf<number>()
    expectTypeOf(resolved.mode).toEqualTypeOf<'fast' | 'safe'>()
    expectTypeOf(resolved.maxBytes).toEqualTypeOf<number | null>()
    expectTypeOf(resolved.name).toEqualTypeOf<string | undefined>()
    expectTypeOf(resolved.database).toEqualTypeOf<RelayOptions['database']>()
    // @ts-expect-error a name is forgotten
    withDefaults<RelayOptions, { database: undefined }>({ database }, { database: undefined })
  })
})

describe('the rules of single options', () => {
  it('requireNumber takes fractions within the bounds and refuses what is no finite number', () => {
    expect(requireNumber('ratio', 0.5, { max: 1 })).toBe(0.5)
    expect(requireNumber('cost', Number.MAX_VALUE)).toBe(Number.MAX_VALUE)
    for (const value of [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null]) {
      expect(() => requireNumber('ratio', value, { max: 1 })).toThrow(
        'option ratio must be a number from 0 to 1',
      )
    }
    expect(() => requireNumber('cost', Number.POSITIVE_INFINITY)).toThrow('a finite number from 0')
  })

  it('requireFlag refuses all but true and false', () => {
    expect([requireFlag('on', true), requireFlag('on', false)]).toEqual([true, false])
    for (const value of ['false', 0, null, undefined]) {
      expect(() => requireFlag('on', value)).toThrow('option on must be true or false')
    }
  })

  it('requireFunction refuses what cannot be called', () => {
    expect(requireFunction('random', Math.random)).toBe(Math.random)
    expect(() => requireFunction('random', 0.5)).toThrow('option random must be a function, received 0.5')
  })

  it('requireMethods names the first function that is missing', () => {
    const pool = { query: () => undefined, close: () => undefined }
    expect(requireMethods('database', pool, ['query', 'close'])).toBe(pool)
    // What plain JavaScript may hand over.
    const half = { query: pool.query } as unknown as typeof pool
    expect(() => requireMethods('database', half, ['query', 'close'])).toThrow(
      'option database must be an object with the function close, received an object',
    )
    for (const value of [undefined, null, 'pool']) {
      expect(() => requireMethods('database', value as unknown as typeof pool, ['query'])).toThrow(
        InvalidOptionError,
      )
    }
  })
})
