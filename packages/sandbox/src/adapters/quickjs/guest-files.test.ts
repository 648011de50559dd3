import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSafePath } from '../../file-path.ts'
import { collectFiles, type GuestFileList } from './guest-files.ts'

type Told = readonly (readonly [path: string, content: string | undefined])[]

const BOUNDS = { filesLimitBytes: 10, maxFiles: 3 }

function list(told: Told): GuestFileList {
  return {
    count: told.length,
    head: (index) => ({ path: told[index]?.[0] ?? '', leastBytes: told[index]?.[1]?.length ?? 0 }),
    content: (index) => {
      const text = told[index]?.[1]
      return text === undefined ? undefined : Buffer.from(text)
    },
  }
}

describe('collectFiles', () => {
  it('gives paths without their folder', () => {
    const collected = collectFiles(list([['out/a/b', 'x']]), BOUNDS)
    expect(collected).toEqual({ files: [{ path: 'a/b', content: Buffer.from('x') }] })
  })

  it.each<[string, Told, string]>([
    ['more files than allowed', ['a', 'b', 'c', 'd'].map((name) => [`out/${name}`, '']), 'TooManyFiles'],
    ['more bytes than allowed', [['out/a', 'x'.repeat(11)]], 'FilesTooLarge'],
    ['more bytes than it said', [['out/a', '€€€€']], 'FilesTooLarge'],
    ['a path outside of the folder', [['etc/a', '']], 'UnsafeFile'],
    ['a way up', [['out/../a', '']], 'UnsafeFile'],
    ['no name', [['out/', '']], 'UnsafeFile'],
    [
      'two paths that differ in case alone',
      [
        ['out/a', ''],
        ['out/A', ''],
      ],
      'UnsafeFile',
    ],
    ['a content that cannot be had', [['out/a', undefined]], 'InternalError'],
  ])('refuses all for %s', (_, told, name) => {
    const collected = collectFiles(list(told), BOUNDS)
    expect(collected).toMatchObject({ error: { name } })
  })

  it('refuses a list whose length could not be had', () => {
    expect(collectFiles({ ...list([]), count: Number.NaN }, BOUNDS)).toMatchObject({
      status: 'out-of-memory',
    })
  })

  it('lets nothing through that is unsafe, twice there or beyond the bounds, whatever it is told', () => {
    const path = fc.oneof(
      fc.string().map((name) => `out/${name}`),
      fc.constantFrom('out/a', 'out/A', 'out/b'),
    )
    const told = fc.array(fc.tuple(path, fc.string({ maxLength: 6 })), { maxLength: 5 })
    fc.assert(
      fc.property(told, (each) => {
        const collected = collectFiles(list(each), BOUNDS)
        if (!('files' in collected)) return
        const paths = collected.files.map((file) => file.path)
        expect(paths.every(isSafePath)).toBe(true)
        expect(new Set(paths.map((one) => one.toLowerCase())).size).toBe(each.length)
        const total = collected.files.reduce((sum, file) => sum + file.content.byteLength, 0)
        expect(total).toBeLessThanOrEqual(BOUNDS.filesLimitBytes)
        expect(paths.length).toBeLessThanOrEqual(BOUNDS.maxFiles)
      }),
    )
  })
})
