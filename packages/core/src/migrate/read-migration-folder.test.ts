import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { packageMigrationFolder } from './package-migration-folder.ts'
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

test('an installed package gives its own folder, from any file in it', async () => {
  const app = await temporaryFolder('app')
  const root = join(app.path, 'node_modules', '@golden-arch', 'budget')
  await mkdir(join(root, 'dist', 'deep'), { recursive: true })
  await writeFile(join(root, 'package.json'), JSON.stringify({ name: '@golden-arch/budget' }))
  await writeFile(join(root, 'dist', 'package.json'), JSON.stringify({ type: 'module' }))
  const module = pathToFileURL(join(root, 'dist', 'deep', 'index.js'))
  await expect(packageMigrationFolder(module)).rejects.toThrow(unreadable)
  await mkdir(join(root, 'migrations'))
  expect(await packageMigrationFolder(module)).toBe(join(root, 'migrations'))
  expect(await packageMigrationFolder(pathToFileURL(join(root, 'package.json')).href)).toBe(
    join(root, 'migrations'),
  )
  await app.remove()
})

test('within the repository it is the one folder of all modules', async () => {
  const folder = await packageMigrationFolder(import.meta.url)
  expect((await readMigrationFolder(folder)).map(({ module }) => module)).toContain('events')
})
