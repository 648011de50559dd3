import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requireAcceptablePassword } from './acceptable-password.ts'
import { isCommonPassword } from './common-password.ts'

const ruleOf = (password: string, names: readonly string[] = []): unknown => {
  try {
    requireAcceptablePassword(password, { names })
    return 'accepted'
  } catch (error) {
    // Whatever else is thrown has no rule and fails the test.
    return (error as { details?: { rule?: unknown } }).details?.rule
  }
}

describe('a password that a user chooses', () => {
  test.each([
    'correct horse battery',
    'tr4vel-b1scuit',
    'Zw9#kq!Lm2',
    'dragon-7294-6183',
    'xkcdlinsenhut',
    '493827561038',
    '✈️🧩🍋🪵🎣🧯🥁🪁',
  ])('like %j is accepted, and given back as it is', (password) => {
    expect(ruleOf(password)).toBe('accepted')
    expect(requireAcceptablePassword(password)).toBe(password)
  })

  test.each([
    '',
    'seven77',
    'x'.repeat(1025),
    '💧'.repeat(7),
    `${'é'.repeat(512)}x`,
    'é'.repeat(4).normalize('NFD'),
  ])('of the wrong length is refused', (password) => expect(ruleOf(password)).toBe('length'))

  test.each([
    ...[
      'password',
      'PASSWORD',
      'Password1',
      'Passw0rd!',
      'pa$$word2024',
      'P@ssw0rd123',
      '123password',
      'p4ssw0rt',
    ],
    ...['12345678', '87654321', '11235813', '19841984', '00000000', '1234567890', 'qwertyuiop', 'QwErTyUi'],
    ...[
      '1qaz2wsx',
      'qwer1234',
      'abc123456',
      'q1w2e3r4t5',
      'asdfghjkl',
      'zxcvbnm123',
      'aaaaaaaa',
      'abcabcabc',
    ],
    ...[
      'iloveyou',
      'ILoveYou!',
      'sunshine99',
      'letmein!!',
      'welcome2026',
      'Summer2025!',
      'dragonmaster',
      'l1verp00l',
    ],
    ...[
      'monkeymonkey',
      'trustno1',
      'footba11',
      'pass word',
      'mıchelle1'.replace('ı', 'i'),
      'pässword',
      'changeme1!',
    ],
    ...['admin1234', 'secret123', 'qazwsxedc', 'superman1', 'blackcat', '4dm1n15trator', 'testtest'],
  ])('like %j is common', (password) => expect(ruleOf(password)).toBe('common'))

  test.each([
    ['ada.lovelace@acme.example', 'lovelace1'],
    ['ada.lovelace@acme.example', 'L0velace2026'],
    ['ada.lovelace@acme.example', 'adalovelace'],
    ['Zoë Quinault', 'zoequinault'],
    ['goldenarch', 'GoldenArch1!'],
  ])('of %s is not %j', (name, password) => {
    expect(ruleOf(password)).toBe('accepted')
    expect(ruleOf(password, [name])).toBe('name')
  })

  test('may hold a name among much else', () => {
    expect(ruleOf('lovelace tames engines', ['ada.lovelace@acme.example'])).toBe('accepted')
  })

  test('of random characters is accepted, and of any characters decided', () => {
    const letters = 'bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ2689#%&*'
    const random = fc.array(fc.constantFrom(...letters), { minLength: 16, maxLength: 40 })
    fc.assert(
      fc.property(random, (characters) => {
        fc.pre(new Set(characters).size > 8)
        expect(isCommonPassword(characters.join(''))).toBe(false)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(typeof isCommonPassword(text)).toBe('boolean')
      }),
    )
  })
})
