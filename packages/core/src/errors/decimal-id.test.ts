import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDecimalId, requireDecimalId } from './decimal-id.ts'

const LAST = 2n ** 63n - 1n

test('each positive 64-bit integer is an id as it is written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: LAST }), (value) => {
      expect(requireDecimalId('id', String(value))).toBe(String(value))
    }),
  )
  expect(isDecimalId('1')).toBe(true)
  expect(isDecimalId(String(LAST))).toBe(true)
})

test('what is beyond, or written otherwise, is none', () => {
  fc.assert(
    fc.property(fc.bigInt({ max: 0n }), fc.bigInt({ min: LAST + 1n }), (below, above) => {
      expect([String(below), String(above)].some(isDecimalId)).toBe(false)
    }),
  )
  expect(isDecimalId(String(LAST + 1n))).toBe(false)
  for (const value of [
    '',
    '01',
    '+1',
    '1.0',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '1\n',
    '１',
    1,
    1n,
    ['1'],
    null,
    undefined,
  ]) {
    expect(isDecimalId(value)).toBe(false)
  }
})

test('an id in no other form than its text, of any text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (isDecimalId(text)) expect(String(BigInt(text))).toBe(text)
    }),
  )
})

test('nought is one only where it is asked for', () => {
  expect(requireDecimalId('after', '0', 0)).toBe('0')
  expect(() => requireDecimalId('after', '0')).toThrow('from 1 to')
  expect(() => requireDecimalId('after', '00', 0)).toThrow('from 0 to 9223372036854775807')
})

test('a refusal names the option and the value', () => {
  expect(() => requireDecimalId('dlqId', 'x')).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      details: expect.objectContaining({ option: 'dlqId' }),
    }),
  )
})
