import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { readMigrationFolder } from './read-migration-folder.ts'

const unreadable = expect.objectContaining({ code: 'MIGRATION_FOLDER_UNREADABLE' })

test('a folder is read by its .sql files alone, and a badly named one is refused', async () => {
  const folder = await temporaryFolder('migrations')
  await writeFile(join(folder.path, '010_b.sql'), '-- module: b\nSELECT 1;')
  await writeFile(join(folder.path, '002_a.sql'), '-- module: a\nSELECT 1;')
  await writeFile(join(folder.path, 'README.md'), 'About them.')
  await mkdir(join(folder.path, 'old.sql'))
  expect((await readMigrationFolder(folder.path)).map(({ version }) => version)).toEqual([2, 10])
  await writeFile(join(folder.path, '11_C.SQL'), '-- module: a\nSELECT 1;')
  await expect(readMigrationFolder(folder.path)).rejects.toMatchObject({ code: 'MIGRATION_NAME_INVALID' })
  await folder.remove()
  await expect(readMigrationFolder(folder.path)).rejects.toThrow(unreadable)
})

test.each([
  ['a pipe, which nobody may ever write to', (path: string) => void execFileSync('mkfifo', [path])],
  ['a device without an end', (path: string) => symlink('/dev/zero', path)],
  ['a link to a folder', (path: string) => symlink('.', path)],
  [
    'of more than 8 MiB, before it is read',
    async (path: string) => {
      await writeFile(path, '')
      await truncate(path, 2 ** 40)
    },
  ],
])('what is named like a migration and is %s is refused', async (_what, make) => {
  const folder = await temporaryFolder('migrations')
  try {
    await make(join(folder.path, '001_a.sql'))
    await expect(readMigrationFolder(folder.path)).rejects.toMatchObject({ code: 'MIGRATION_FILE_INVALID' })
  } finally {
    await folder.remove()
  }
})

test('a link to nothing is an unreadable folder', async () => {
  const folder = await temporaryFolder('migrations')
  await symlink('nowhere', join(folder.path, '001_a.sql'))
  await expect(readMigrationFolder(folder.path)).rejects.toThrow(unreadable)
  await folder.remove()
})
