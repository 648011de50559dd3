import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { packageMigrationFolder } from './package-migration-folder.ts'
import { readPackageMigrations } from './read-package-migrations.ts'

const unreadable = expect.objectContaining({ code: 'MIGRATION_FOLDER_UNREADABLE' })

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

test('the migrations of several packages are joined, and a package without any is refused', async () => {
  const app = await temporaryFolder('app')
  const manifests: URL[] = []
  for (const [index, name] of ['core', 'messaging', 'sandbox'].entries()) {
    const root = join(app.path, 'node_modules', '@golden-arch', name)
    await mkdir(join(root, 'migrations'), { recursive: true })
    await writeFile(join(root, 'package.json'), JSON.stringify({ name: `@golden-arch/${name}` }))
    await writeFile(join(root, 'migrations', `00${index + 1}_${name}.sql`), `-- module: ${name}\nSELECT 1;`)
    manifests.push(pathToFileURL(join(root, 'package.json')))
  }
  const [core = '', messaging = ''] = manifests
  expect((await readPackageMigrations(core, messaging)).map(({ module }) => module)).toEqual([
    'core',
    'messaging',
  ])
  const bare = pathToFileURL(join(app.path, 'node_modules', 'bare', 'package.json'))
  await expect(readPackageMigrations(core, bare)).rejects.toThrow(unreadable)
  await app.remove()
})

test.each(['migrations', '/app/node_modules/@golden-arch/budget', new URL('https://example.org/')])(
  'refuses %s, which is no URL of a file, saying what it should be',
  async (fileUrl) => {
    await expect(readPackageMigrations(fileUrl)).rejects.toThrow(/fileUrl must be .*import\.meta\.resolve/)
  },
)

test('within the repository it is the one folder of all modules, read once', async () => {
  const migrations = await readPackageMigrations(import.meta.url, import.meta.url)
  expect(migrations.map(({ module }) => module)).toContain('events')
  expect(new Set(migrations).size).toBe(migrations.length)
  expect(new Set(migrations.map(({ version }) => version)).size).toBe(migrations.length)
})
