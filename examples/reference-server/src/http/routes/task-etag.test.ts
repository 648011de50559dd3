import { describe, expect, it } from 'vitest'
import { etagOf, isUnchanged } from './task-etag.ts'

describe('the tag of a task', () => {
  it('is weak, and of its version', () => expect(etagOf({ version: 3 })).toBe('W/"3"'))

  it.each([
    ['W/"3"', true],
    ['"3"', true],
    ['W/"1", W/"3"', true],
    [' * ', true],
    ['W/"30"', false],
    ['3', false],
    ['', false],
    [undefined, false],
  ])('is unchanged for %s: %s', (header, expected) => {
    expect(isUnchanged(header, 'W/"3"')).toBe(expected)
  })
})
