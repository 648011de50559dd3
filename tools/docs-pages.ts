/**
 * Writes those pages of the docs site that are made and not kept: the API reference, the changelog, and the files that stand
 * outside of docs. Usage: node tools/docs-pages.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeApiReference } from './docs/api-reference.ts'
import { changelogPage } from './docs/changelog-page.ts'
import { writeRepositoryCopies } from './docs/repository-copies.ts'

const DOCS = 'docs'

writeRepositoryCopies(DOCS)
writeFileSync(join(DOCS, 'project', 'changelog.md'), changelogPage())
await writeApiReference(join(DOCS, 'api'))
