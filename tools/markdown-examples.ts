import { readFileSync } from 'node:fs'

/** A TypeScript block of a Markdown file. */
export interface MarkdownExample {
  readonly file: string
  readonly line: number
  readonly code: string
  /** Whether it is run, not only compiled: its fence says `ts run`. */
  readonly isRunnable: boolean
}

/** The TypeScript blocks of Markdown files, in reading order. */
export function markdownExamples(files: readonly string[]): readonly MarkdownExample[] {
  return files.flatMap((file) => examplesOf(file, readFileSync(file, 'utf8')))
}

function examplesOf(file: string, text: string): readonly MarkdownExample[] {
  const examples: MarkdownExample[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const fence = /^```(ts|typescript)( run)?\s*$/.exec(lines[index] ?? '')
    if (fence === null) continue
    const end = lines.indexOf('```', index + 1)
    if (end === -1) break
    examples.push({
      file,
      line: index + 1,
      code: lines.slice(index + 1, end).join('\n'),
      isRunnable: fence[2] !== undefined,
    })
    index = end
  }
  return examples
}
