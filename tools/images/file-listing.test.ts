import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { differences, listFiles } from './file-listing.ts'

let folder: TemporaryFolder
const at = (name: string): string => join(folder.path, 'one', name)

function write(name: string, text: string): void {
  writeFileSync(at(name), text)
  utimesSync(at(name), 1, 1)
}

beforeEach(async () => {
  folder = await temporaryFolder('listing')
  mkdirSync(at(''))
  for (const name of ['file', 'other']) write(name, 'text')
  symlinkSync('file', at('link'))
  cpSync(at(''), join(folder.path, 'copy'), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  })
})

afterEach(() => folder.remove())

const different = (): readonly string[] =>
  differences(listFiles(at('')), listFiles(join(folder.path, 'copy')))
    .map((each) => each.split(':')[0] ?? '')
    // A link's own time is that of its copy.
    .filter((path) => path !== 'link')

it('a copy is the same', () => {
  expect(listFiles(at('')).size).toBe(4)
  expect(different()).toEqual([])
})

it.each([
  ['another content', () => write('file', 'TEXT'), 'file'],
  ['another mode', () => chmodSync(at('file'), 0o600), 'file'],
  ['another time', () => utimesSync(at('file'), 1, 2), 'file'],
  ['one that is gone', () => rmSync(at('other')), 'other'],
  ['one more', () => writeFileSync(at('more'), ''), 'more'],
])('%s is told', (_, change, path) => {
  change()
  expect(different()).toEqual([path])
})
