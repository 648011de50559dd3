import { chmodSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../isolation/temporary-folder.ts'
import { startChromium } from '../services/start-chromium.ts'
import { startRedis } from '../services/start-redis.ts'
import { findNamedPrograms } from './named-programs.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder('named')
  await chmod(folder.path, 0o755)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await folder.remove()
})

function program(name: string, script: string): void {
  const file = join(folder.path, name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}

test('programs that are named are taken whatever their version', async () => {
  program('redis-server', 'echo Redis server v=3.2.1')
  const found = await findNamedPrograms('redis', { TESTKIT_REDIS_PROGRAMS: folder.path })
  expect(found).toEqual({ folder: folder.path, version: '3.2.1', how: 'named' })
})

test('a folder that lacks a program, and one that is no absolute path, are refused by the name of the variable', async () => {
  const nats = findNamedPrograms('nats', { TESTKIT_NATS_PROGRAMS: folder.path })
  await expect(nats).rejects.toThrow(`TESTKIT_NATS_PROGRAMS: no nats-server in ${folder.path}`)
  const relative = findNamedPrograms('redis', { TESTKIT_REDIS_PROGRAMS: 'bin' })
  await expect(relative).rejects.toThrow('TESTKIT_REDIS_PROGRAMS must be an absolute path; received "bin"')
})

test('where programs are named that do not start, no others are started in their place', async () => {
  program('redis-server', 'case "$1" in --version) echo v=8.0.0;; *) echo broken >&2; exit 3;; esac')
  vi.stubEnv('TESTKIT_REDIS_PROGRAMS', folder.path)
  await expect(startRedis()).rejects.toThrow(/^no redis: named: redis ended with exit code 3: broken$/)
})

test('a browser that is named is the one that tests look at pages with, and no other where it is not there', async () => {
  vi.stubEnv('TESTKIT_CHROMIUM_PROGRAMS', folder.path)
  await expect(startChromium()).rejects.toThrow(`no chromium in ${folder.path}`)
  program('chromium', 'echo Chromium 99.0.1.2')
  const { address, version, how } = await startChromium()
  expect({ file: fileURLToPath(address), version, how }).toEqual({
    file: join(folder.path, 'chromium'),
    version: '99.0.1.2',
    how: 'named',
  })
})
