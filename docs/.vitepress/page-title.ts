import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const DOCS = join(import.meta.dirname, '..')
const MAX_SUMMARY_CHARACTERS = 240

/** The first heading of a page below docs. */
export function pageTitle(page: string): string {
  const title = /^# +(.+)$/m.exec(readPage(page))?.[1]
  if (title === undefined) throw new Error(`${page} has no heading`)
  return title.replaceAll('`', '')
}

/** The first sentence of a page below docs, as plain text; empty where it begins with something else. */
export function pageSummary(page: string): string {
  const [, paragraph = ''] = /^# .+\n\n((?!```)[^\n#|<!-](?:.|\n(?!\n))*)/m.exec(readPage(page)) ?? []
  const plain = paragraph
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
  const [sentence = ''] = /^.*?[.:](?= |$)/.exec(plain) ?? []
  return sentence.length > MAX_SUMMARY_CHARACTERS ? '' : sentence.replace(/:$/, '.')
}

function readPage(page: string): string {
  return readFileSync(join(DOCS, page), 'utf8')
}
