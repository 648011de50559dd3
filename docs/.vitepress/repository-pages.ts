import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** Files outside of docs that are pages of the site: their path in the repository, and the page that is made of them. */
export const REPOSITORY_PAGES: Readonly<Record<string, string>> = Object.freeze({
  ...readmesOf('packages'),
  ...readmesOf('examples'),
  'examples/README.md': 'examples/index.md',
  'ARCHITECTURE.md': 'project/architecture.md',
  'CONTRIBUTING.md': 'project/contributing.md',
  'SECURITY.md': 'project/security.md',
})

/** The file of the repository that a page of the site is made of. */
export function sourceOf(page: string): string {
  const [source] = Object.entries(REPOSITORY_PAGES).find(([, made]) => made === page) ?? []
  return source ?? `docs/${page}`
}

function readmesOf(folder: string): Readonly<Record<string, string>> {
  const readmes = readdirSync(join(ROOT, folder))
    .map((name) => [`${folder}/${name}/README.md`, `${folder}/${name}.md`] as const)
    .filter(([readme]) => existsSync(join(ROOT, readme)))
  return Object.fromEntries(readmes)
}
