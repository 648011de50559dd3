import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TemporaryFolder } from '../isolation/temporary-folder.ts'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { cachedFolder, cacheFolder } from './cache-folder.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('cache')
  vi.stubEnv('TMPDIR', folder.path)
  vi.stubEnv('TESTKIT_CACHE', join(folder.path, 'cache'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await folder.remove()
})

const fill = async (path: string): Promise<void> => writeFileSync(join(path, 'program'), 'good')
const isGood = async (path: string): Promise<boolean> =>
  readFileSync(join(path, 'program'), 'utf8') === 'good'

test('it is made once, also when several ask at the same time', async () => {
  const entries = await Promise.all([1, 2, 3].map(() => cachedFolder('thing', fill, isGood)))
  expect(new Set(entries).size).toBe(1)
  await cachedFolder('thing', () => Promise.reject(new Error('made again')), isGood)
  expect(readdirSync(cacheFolder())).toEqual(['thing'])
})

test('what cannot be used is made anew', async () => {
  const entry = await cachedFolder('thing', fill, isGood)
  writeFileSync(join(entry, 'program'), 'broken')
  await cachedFolder('thing', fill, isGood)
  expect(await isGood(entry)).toBe(true)
})

test('what could not be made leaves nothing', async () => {
  const making = cachedFolder('thing', () => Promise.reject(new Error('no network')), isGood)
  await expect(making).rejects.toThrow('no network')
  expect(existsSync(cacheFolder()) && readdirSync(cacheFolder())).toEqual([])
})
