/**
 * Writes the tables of options and metrics in the pages below docs, between their markers, from the docstrings and the
 * catalogue of metrics; with `--check` only says which pages differ, and which pages of modules tell of error codes that
 * no package has: exit code 1.
 * Usage: node --conditions=golden-arch-source tools/docs-tables.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { knownCodes, unknownCodes } from './docs/error-codes.ts'
import { fillMarkers } from './docs/fill-markers.ts'
import { metricsTable } from './docs/metrics-table.ts'
import { OptionsTables } from './docs/options-table.ts'
import { trackedFiles } from './house/tracked-files.ts'

const isCheck = process.argv.includes('--check')
const options = new OptionsTables()
const codes = knownCodes()
const pages = trackedFiles().filter((file) => file.startsWith('docs/') && file.endsWith('.md'))
for (const page of pages) {
  const text = readFileSync(page, 'utf8')
  const filled = fillMarkers(text, ({ word, args }) =>
    word === 'metrics' ? metricsTable(args) : options.table(args),
  )
  const unknown = page.startsWith('docs/modules/')
    ? unknownCodes(
        fillMarkers(text, () => ''),
        codes,
      )
    : []
  if (isCheck && unknown.length > 0) {
    console.error(`${page}: no package has the code ${unknown.join(', ')}`)
    process.exitCode = 1
  }
  if (filled === text) continue
  if (isCheck) {
    console.error(`${page}: a table differs from the source; run tools/docs-tables.ts`)
    process.exitCode = 1
  } else {
    writeFileSync(page, filled)
    console.error(page)
  }
}
