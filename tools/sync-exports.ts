/**
 * Writes each package's `exports` from its folders; with `--check` only says where they differ, exit code 1.
 * Usage: node tools/sync-exports.ts [--check]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportsOf, listSubpaths } from './package-subpaths.ts'

const check = process.argv.includes('--check')
let stale = 0
for (const name of readdirSync('packages').sort()) {
  const file = join('packages', name, 'package.json')
  const before = readFileSync(file, 'utf8')
  const manifest = JSON.parse(before) as Record<string, unknown>
  manifest.exports = exportsOf(listSubpaths(join('packages', name)))
  const after = `${JSON.stringify(manifest, null, 2)}\n`
  if (JSON.stringify(JSON.parse(before)) === JSON.stringify(manifest)) continue
  stale++
  if (check) console.error(`${file}: exports differ from the folders; run node tools/sync-exports.ts`)
  else writeFileSync(file, after)
}
if (check && stale > 0) process.exitCode = 1
