import { existsSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { REPOSITORY_PAGES, sourceOf } from './repository-pages.ts'

/** The pages that tell of a whole folder. */
const FOLDER_PAGES: Readonly<Record<string, string>> = { 'docs/runbooks': '/operate/handbook.md' }
const ROOT = join(import.meta.dirname, '..', '..')

/**
 * Where a link of a page leads on the site. Links are written as paths between files of the repository, so that they lead
 * somewhere there too; `undefined` for a file that is no page and no picture.
 */
export function siteAddress(link: string, page: string): string | undefined {
  if (/^([a-z]+:|#|\/)/.test(link)) return link
  const [path = '', heading] = link.split('#')
  const file = posix.normalize(posix.join(posix.dirname(sourceOf(page)), decodeURI(path))).replace(/\/$/, '')
  const target = pageOf(file)
  if (target === undefined) return undefined
  return heading === undefined ? target : `${target}#${heading}`
}

function pageOf(file: string): string | undefined {
  const made = REPOSITORY_PAGES[file] ?? REPOSITORY_PAGES[`${file}/README.md`]
  if (made !== undefined) return `/${made}`
  if (!file.startsWith('docs/')) return undefined
  const path = file.slice('docs'.length)
  if (existsSync(join(ROOT, file, 'index.md'))) return `${path}/index.md`
  if (file in FOLDER_PAGES) return FOLDER_PAGES[file]
  return dirname(file) === file ? undefined : path
}
