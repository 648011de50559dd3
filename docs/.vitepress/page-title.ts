import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const DOCS = join(import.meta.dirname, '..')

/** The first heading of a page below docs. */
export function pageTitle(page: string): string {
  const title = /^# +(.+)$/m.exec(readFileSync(join(DOCS, page), 'utf8'))?.[1]
  if (title === undefined) throw new Error(`${page} has no heading`)
  return title.replaceAll('`', '')
}
