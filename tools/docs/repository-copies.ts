import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REPOSITORY_PAGES } from '../../docs/.vitepress/repository-pages.ts'

/** Copies the pages of the site that stand outside of docs into it. Their links are led on by the site itself. */
export function writeRepositoryCopies(docs: string): void {
  for (const [source, page] of Object.entries(REPOSITORY_PAGES)) {
    mkdirSync(dirname(join(docs, page)), { recursive: true })
    writeFileSync(join(docs, page), readFileSync(source, 'utf8'))
  }
}
