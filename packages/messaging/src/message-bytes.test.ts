import { expect, test } from 'vitest'
import { messageBytes } from './message-bytes.ts'

test('of a message its payload counts, and of its headers each value with its name, as UTF-8', () => {
  const payload = new Uint8Array(100)
  expect(messageBytes({ payload })).toBe(100)
  expect(messageBytes({ payload, headers: { ab: ['ü', 'xyz'], c: [] } })).toBe(100 + (2 + 2) + (2 + 3))
})
