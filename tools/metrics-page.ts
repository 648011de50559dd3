/**
 * Writes docs/metrics.md from the catalogue of metrics; with `--check` only says whether it differs, exit code 1.
 * Usage: node --conditions=golden-arch-source tools/metrics-page.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { metricsPage } from './metrics/metrics-page-text.ts'

const FILE = join(import.meta.dirname, '..', 'docs', 'metrics.md')

const text = metricsPage()
if (!process.argv.includes('--check')) writeFileSync(FILE, text)
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('docs/metrics.md differs from the catalogue; run tools/metrics-page.ts')
  process.exitCode = 1
}
