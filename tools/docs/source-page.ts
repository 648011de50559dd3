import { basename, extname } from 'node:path'
import { headingSlug } from '../../docs/.vitepress/heading-slug.ts'

/** A file as a page shows it. */
export interface SourceFile {
  /** From the folder of the page's README, such as `src/main.ts`. */
  readonly path: string
  readonly text: string
}

/** A README with its files after it, each under its name; links to these files lead there. */
export function sourcePage(readme: string, files: readonly SourceFile[]): string {
  const linked = files.reduce(
    (text, { path }) => text.replaceAll(`](${path})`, `](#${headingSlug(basename(path))})`),
    readme.trimEnd(),
  )
  return `${[linked, '## The files', ...files.map(section)].join('\n\n')}\n`
}

function section({ path, text }: SourceFile): string {
  // Longer than any fence that the file itself may have.
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)))
  return `### ${basename(path)}\n\n${fence}${extname(path).slice(1)}\n${text.trimEnd()}\n${fence}`
}
