import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAcceptable } from './program-version.ts'

test.each([
  ['postgres', '13.20', false],
  ['postgres', '14.0', true],
  ['postgres', '18.4', true],
  ['redis', '6.2.14', false],
  ['redis', '7.0.15', true],
  ['nats', '2.9.25', false],
  ['nats', '2.10.0', true],
  ['nats', '3.0.0', true],
  ['nats', '1.99.0', false],
] as const)('%s %s is new enough: %s', (name, version, expected) => {
  expect(isAcceptable(name, version)).toBe(expected)
})

test('another major version than the wanted one is never acceptable', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 14, max: 18 }),
      fc.integer({ min: 14, max: 18 }),
      fc.nat(40),
      (has, wants, minor) => {
        expect(isAcceptable('postgres', `${has}.${minor}`, String(wants))).toBe(has === wants)
      },
    ),
  )
})
