import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { columnParserOf } from './column-parsers.ts'
import { writeParameters } from './parameter-text.ts'

const TIMESTAMPTZ = 1184
const YEARS_1_TO_9999 = {
  min: new Date('0001-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
}

it('reads an instant back whatever the time zone it is written in', () => {
  const offsetMinutes = fc.integer({ min: -15 * 60, max: 15 * 60 })
  const instants = fc.date({
    min: new Date('0001-01-02T00:00:00.000Z'),
    max: new Date('9999-12-30T00:00:00.000Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(instants, offsetMinutes, (instant, minutes) => {
      const wall = new Date(instant.getTime() + minutes * 60_000).toISOString()
      const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
      const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
      const text = `${wall.slice(0, 10)} ${wall.slice(11, 23)}${offset}`
      expect(columnParserOf(TIMESTAMPTZ)(text)).toEqual(instant)
    }),
  )
})

it.each(['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '294276-12-31 23:59:59+00', 'yesterday'])(
  'says of %s that no Date holds it',
  (text) => {
    expect(() => columnParserOf(TIMESTAMPTZ)(text)).toThrow(expect.objectContaining({ code: 'QUERY_FAILED' }))
  },
)

it('leaves the text of a type it does not know', () => {
  expect(columnParserOf(999_999)('{1,2}')).toBe('{1,2}')
})

it('writes every parameter as text that PostgreSQL reads as the same value', () => {
  fc.assert(
    fc.property(
      fc.date({ ...YEARS_1_TO_9999, noInvalidDate: true }),
      fc.bigInt(),
      fc.double(),
      (date, big, number) => {
        const [dateText, bigText, numberText] = writeParameters([date, big, number])
        expect(new Date(String(dateText))).toEqual(date)
        expect(BigInt(String(bigText))).toBe(big)
        expect(Number(numberText)).toBe(Object.is(number, -0) ? 0 : number)
      },
    ),
  )
})

it.each([
  Symbol('s'),
  () => 1,
  {},
  new Map(),
  [{}],
  new Date(Number.NaN),
  new Date('+010000-01-01T00:00:00.000Z'),
])('refuses the parameter %o, naming its place', (value) => {
  const refusal = invalidOption(expect.stringMatching(/^values\[1\]/))
  expect(() => writeParameters(['fine', value])).toThrow(refusal)
})
