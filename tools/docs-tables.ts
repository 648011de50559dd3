/**
 * Writes the tables of options and metrics in the pages below docs, between their markers, from the docstrings and the
 * catalogue of metrics; with `--check` only says which pages differ, exit code 1.
 * Usage: node --conditions=golden-arch-source tools/docs-tables.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fillMarkers } from './docs/fill-markers.ts'
import { metricsTable } from './docs/metrics-table.ts'
import { OptionsTables } from './docs/options-table.ts'
import { trackedFiles } from './house/tracked-files.ts'

const isCheck = process.argv.includes('--check')
const options = new OptionsTables()
const pages = trackedFiles().filter((file) => file.startsWith('docs/') && file.endsWith('.md'))
for (const page of pages) {
  const text = readFileSync(page, 'utf8')
  const filled = fillMarkers(text, ({ word, args }) =>
    word === 'metrics' ? metricsTable(args) : options.table(args),
  )
  if (filled === text) continue
  if (isCheck) {
    console.error(`${page}: a table differs from the source; run tools/docs-tables.ts`)
    process.exitCode = 1
  } else {
    writeFileSync(page, filled)
    console.error(page)
  }
}
