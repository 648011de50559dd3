import { expect, test } from 'vitest'
import { randomName } from './random-name.ts'

test('names need no quotes in SQL and do not repeat', () => {
  const names = Array.from({ length: 1_000 }, () => randomName('test'))
  for (const name of names) expect(name).toMatch(/^test_[a-z0-9]{12}$/)
  expect(new Set(names).size).toBe(names.length)
})
