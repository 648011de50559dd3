/**
 * Runs the long proofs, one process each, one after the other, and says which held.
 * Usage: node tools/prove.ts [part of a name …]
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join('tools', 'prove')
const wanted = process.argv.slice(2)
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .sort()
const proofs = all.filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
if (proofs.length === 0) {
  const names = all.map((file) => file.replace(/\.ts$/, ''))
  console.error(`no proof is named like ${wanted.join(', ')}; there are:\n  ${names.join('\n  ')}`)
  process.exitCode = 2
}

const failed: string[] = []
for (const file of proofs) {
  console.log(`\n== ${file.replace(/\.ts$/, '')}`)
  const startedAt = performance.now()
  const run = spawnSync(process.execPath, ['--conditions=golden-arch-source', join(folder, file)], {
    stdio: 'inherit',
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${run.status === 0 ? 'held' : 'FAILED'} in ${seconds} s`)
  if (run.status !== 0) failed.push(file)
}
if (proofs.length > 0) console.log(`\n${proofs.length - failed.length} proofs held, ${failed.length} failed`)
if (failed.length > 0) process.exitCode = 1
