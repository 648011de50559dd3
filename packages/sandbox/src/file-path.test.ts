import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSafePath } from './file-path.ts'

describe('isSafePath', () => {
  it.each(['a', 'a.txt', 'out/plot.png', 'a/b/c', 'données.csv', '.hidden', '日本/語'])(
    'takes %j',
    (path) => {
      expect(isSafePath(path)).toBe(true)
    },
  )

  it.each([
    '',
    '.',
    '..',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    'a/',
    './a',
    'a\\..\\b',
    'C:x',
    'a\0b',
    'a\nb',
    '\u202etxt.exe',
    'e\u0301',
    '-rf',
    '~root',
    'a ',
    'a.',
    'a\u2028b',
    'a\ufffdb',
    '\ud800',
    'x'.repeat(97),
    'a/b/c/d/e/f/g/h/i',
  ])('refuses %j', (path) => {
    expect(isSafePath(path)).toBe(false)
  })

  it('never takes a path that leads out of its folder', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('..', '.', 'a', '/', '\\', '~', 'C:', 'b'), { maxLength: 8 }),
        (parts) => {
          const path = parts.join('')
          if (!isSafePath(path)) return
          expect(posix.resolve('/guest/in', path).startsWith('/guest/in/')).toBe(true)
          expect(win32.resolve('C:\\guest\\in', path).startsWith('C:\\guest\\in\\')).toBe(true)
        },
      ),
    )
  })
})
