/**
 * Proves that nothing gets out of a sandbox of bubblewrap and nothing is left behind: the whole table of abuses, with control
 * groups where this process may make them and without, after each a harmless program; then 200 executions at once, all
 * answered. In the end no process, open file or control group is left, and memory has not grown.
 * Usage: node --conditions=golden-arch-source tools/prove/sandbox-on-bubblewrap.ts [part of a title]
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { BubblewrapBackend } from '@golden-arch/sandbox/bubblewrap'
import { rootFolder, startBubblewrap } from '@golden-arch/testkit'
import { ownControlGroupParents } from '../../packages/sandbox/src/adapters/bubblewrap/guest-means.ts'
import { abuseWithinProcessBounds } from '../../packages/sandbox/src/testing/abuse-within-process-bounds.ts'
import { PROGRAM_ABUSES } from '../../packages/sandbox/src/testing/program-abuse.ts'
import { memoryMib, proofLogger, SandboxProof } from '../sandbox-proof.ts'

interface Holdings {
  readonly processes: number
  readonly files: number
  readonly groups: number
  readonly memoryMib: number
}

const MOST_MEMORY_MIB = 64
const wanted = process.argv[2] ?? ''
const abuses = PROGRAM_ABUSES.filter(({ title }) => title.includes(wanted))
if (abuses.length === 0) throw new RangeError(`no abuse is named like ${wanted}`)
const proof = new SandboxProof()
const { failures } = proof

/** The names of all folders below one; others may remove theirs meanwhile. */
function foldersBelow(path: string): readonly string[] {
  try {
    const folders = readdirSync(path, { withFileTypes: true }).filter((each) => each.isDirectory())
    return folders.flatMap(({ name }) => [name, ...foldersBelow(join(path, name))])
  } catch {
    return []
  }
}

/** What this process holds, garbage aside. */
async function holdings(): Promise<Holdings> {
  const memory = memoryMib()
  // A stream that was destroyed is closed in the next turn.
  await pause(100)
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').matchAll(/^(?:\S+ ){4}(\S+) .* - cgroup2? /gm)
  const mine = new RegExp(`^golden-arch-sandbox\\.\\d+\\.${process.pid}\\.`)
  const names = [...mounts].flatMap(([, point = '']) => foldersBelow(point))
  return {
    processes: children.split(' ').filter(Boolean).length,
    files: readdirSync('/proc/self/fd').length,
    groups: names.filter((name) => mine.test(name)).length,
    memoryMib: memory,
  }
}

const bwrapPath = fileURLToPath((await startBubblewrap()).address)
const root = await rootFolder('python')
const languages = { python: { root, interpreter: '/usr/bin/python3.11' }, shell: { root } }
for (const controlGroups of ['prefer', 'none'] as const) {
  const hasGroups = controlGroups === 'prefer' && ownControlGroupParents() !== undefined
  const atFirst = await holdings()
  const options = { bwrapPath, languages, controlGroups, maxConcurrent: 4, logger: proofLogger }
  const backend = new BubblewrapBackend(options)
  await backend.prepare()
  const mode = controlGroups === 'none' ? 'without groups' : hasGroups ? 'with groups' : 'no groups to be had'
  await proof.tryAll(mode, backend, hasGroups ? abuses : abuses.map(abuseWithinProcessBounds))
  await proof.runManyAtOnce(mode, backend)
  await backend.close()
  const after = await holdings()
  console.log(`${mode}: before`, atFirst, 'and after', after)
  for (const what of ['processes', 'files', 'groups'] as const) {
    if (after[what] > atFirst[what])
      failures.push(`${mode}: ${after[what] - atFirst[what]} ${what} were left`)
  }
  if (after.memoryMib > atFirst.memoryMib + MOST_MEMORY_MIB) failures.push(`${mode}: memory has grown`)
}
proof.finish('with control groups and without')
