/**
 * Runs the long proofs, one process each, one after the other, and says which held.
 * Usage: node tools/prove.ts [part of a name …] [-- arguments of the one proof]
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ChosenProofs, chooseProofs } from './choose-proofs.ts'

const folder = join('tools', 'prove')
const { names, given } = choose()
const failed: string[] = []
for (const name of names) {
  console.log(`\n== ${[name, ...given].join(' ')}`)
  const startedAt = performance.now()
  const file = join(folder, `${name}.ts`)
  const run = spawnSync(process.execPath, ['--conditions=golden-arch-source', file, ...given], {
    stdio: 'inherit',
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${run.status === 0 ? 'held' : 'FAILED'} in ${seconds} s`)
  if (run.status !== 0) failed.push(name)
}
if (names.length > 0) console.log(`\n${names.length - failed.length} proofs held, ${failed.length} failed`)
if (failed.length > 0) process.exitCode = 1

function choose(): ChosenProofs {
  const all = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .sort()
  try {
    return chooseProofs(all, process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 2
    return { names: [], given: [] }
  }
}
