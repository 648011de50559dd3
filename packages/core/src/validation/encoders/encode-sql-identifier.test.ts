import { expect, it } from 'vitest'
import { encodeSqlIdentifier } from './encode-sql-identifier.ts'

it('takes a name of up to 63 bytes, counted as UTF-8', () => {
  expect(encodeSqlIdentifier('a'.repeat(63))).toBe(`"${'a'.repeat(63)}"`)
  expect(encodeSqlIdentifier(`${'é'.repeat(31)}"`)).toBe(`"${'é'.repeat(31)}"""`)
  for (const name of ['a'.repeat(64), 'é'.repeat(32), '', 'a\0b', '\ud800']) {
    expect(() => encodeSqlIdentifier(name)).toThrow(
      expect.objectContaining({
        code: 'TEXT_NOT_ENCODABLE',
        message: 'an SQL identifier must be 1 to 63 bytes of well-formed UTF-8 without NUL',
      }),
    )
  }
})
