import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REPOSITORY_PAGES } from '../../docs/.vitepress/repository-pages.ts'
import { exampleFiles, exampleFolders } from '../example-folders.ts'
import { sourcePage } from './source-page.ts'

/** Copies the pages of the site that stand outside of docs into it. Their links are led on by the site itself. */
export function writeRepositoryCopies(docs: string): void {
  for (const [source, page] of Object.entries(REPOSITORY_PAGES)) {
    mkdirSync(dirname(join(docs, page)), { recursive: true })
    writeFileSync(join(docs, page), repositoryPage(source))
  }
}

/** The page that is made of a file of the repository. That of a small example has its code, to which a reader of the site has no other way. */
export function repositoryPage(source: string): string {
  const text = readFileSync(source, 'utf8')
  const folder = dirname(source)
  if (!exampleFolders().some(({ path }) => source === `${path}/README.md`)) return text
  const files = exampleFiles(folder).map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  return sourcePage(text, files)
}
