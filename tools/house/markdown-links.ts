import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Finding } from './tracked-files.ts'

const FENCE = /^ {0,3}(```|~~~)/
const LINK = /\]\(([^()\s]+)\)/g
const HEADING = /^#{1,6} +(.+?) *$/

/** Links of `files` into the project that lead nowhere: to no file, or to no heading of it. */
export function brokenLinks(files: readonly string[]): readonly Finding[] {
  const broken: Finding[] = []
  for (const file of files) {
    for (const target of prose(file).flatMap((line) =>
      [...line.matchAll(LINK)].map(([, link]) => link ?? ''),
    )) {
      // Pages that are made, such as the API reference: the site's own build checks links to them.
      if (/^([a-z]+:|\/)/.test(target)) continue
      const [path = '', heading] = target.split('#')
      const aim = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(aim)) broken.push({ file, problem: `a link to ${target}, which is not there` })
      else if (heading !== undefined && !headings(aim).includes(heading)) {
        broken.push({ file, problem: `a link to ${target}, where no heading is called so` })
      }
    }
  }
  return broken
}

/** The lines of a file that are no code. */
function prose(file: string): readonly string[] {
  let isCode = false
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => {
      const isFence = FENCE.test(line)
      if (isFence) isCode = !isCode
      return !isCode && !isFence
    })
}

/** The anchors of a file's headings, as GitHub makes them. */
function headings(file: string): readonly string[] {
  const seen = new Map<string, number>()
  return prose(file).flatMap((line) => {
    const [, title] = HEADING.exec(line) ?? []
    if (title === undefined) return []
    const slug = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return [times === 0 ? slug : `${slug}-${times}`]
  })
}
