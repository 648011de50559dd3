import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exampleFiles, exampleFolders } from '../example-folders.ts'
import { repositoryPage } from './repository-copies.ts'
import { sourcePage } from './source-page.ts'

it('shows each file under its name, and leads the links of the README there', () => {
  const readme = '# A tool\n\nLook at `run` in [main.ts](src/main.ts), and at [more](../b/README.md).\n'
  const files = [
    { path: 'src/main.ts', text: 'run()\n' },
    { path: 'package.json', text: '{}\n' },
  ]
  expect(sourcePage(readme, files)).toBe(
    '# A tool\n\nLook at `run` in [main.ts](#maints), and at [more](../b/README.md).\n\n## The files\n\n' +
      '### main.ts\n\n```ts\nrun()\n```\n\n### package.json\n\n```json\n{}\n```\n',
  )
})

it('keeps a file whole that has a fence of its own', () => {
  const page = sourcePage('# A', [{ path: 'src/main.ts', text: "const text = '```json'\n```\n" }])
  expect(page).toContain("````ts\nconst text = '```json'\n```\n````")
})

it.each(exampleFolders().map(({ path }) => path))('the page of %s has all of its code', (path) => {
  const page = repositoryPage(`${path}/README.md`)
  expect(page).not.toContain('](src/')
  for (const file of exampleFiles(path)) {
    expect(existsSync(`${path}/${file}`)).toBe(true)
    expect(page).toContain(`\n### ${file.replace('src/', '')}\n`)
  }
  expect(page).toContain("from '@golden-arch/")
  expect(page).not.toContain('main.test.ts')
})

it('adds nothing to the page of the reference server, nor to those of packages', () => {
  expect(repositoryPage('examples/reference-server/README.md')).not.toContain('## The files')
  expect(repositoryPage('packages/sandbox/README.md')).not.toContain('## The files')
})
