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
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Logger, silentLogger } from '@golden-arch/core/observability'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { BubblewrapBackend } from '@golden-arch/sandbox/bubblewrap'
import { rootFolder, startBubblewrap } from '@golden-arch/testkit'
import { ownControlGroupParents } from '../../packages/sandbox/src/adapters/bubblewrap/guest-means.ts'
import { abuseWithinProcessBounds } from '../../packages/sandbox/src/testing/abuse-within-process-bounds.ts'
import { PROGRAM_ABUSES } from '../../packages/sandbox/src/testing/program-abuse.ts'
import { tryAbuse } from '../../packages/sandbox/src/testing/try-abuse.ts'

interface Holdings {
  readonly processes: number
  readonly files: number
  readonly groups: number
  readonly memoryMib: number
}

const AT_ONCE = 200
const MOST_MEMORY_MIB = 64
const logger: Logger = {
  ...silentLogger,
  warn: ({ err }: { err?: unknown }, message) =>
    console.log(message, err instanceof Error ? err.message : ''),
}
setFlagsFromString('--expose-gc')
// Safe: with that flag every new context has it.
const collectGarbage = runInNewContext('gc') as () => void
const wanted = process.argv[2] ?? ''
const abuses = PROGRAM_ABUSES.filter(({ title }) => title.includes(wanted))
const failures: string[] = []
const rows: Record<string, Record<string, string>> = {}

function count(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

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
  collectGarbage()
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
    memoryMib: Math.round(process.memoryUsage().rss / 1_048_576),
  }
}

const bwrapPath = fileURLToPath((await startBubblewrap()).address)
const root = await rootFolder('python')
const languages = { python: { root, interpreter: '/usr/bin/python3.11' }, shell: { root } }
for (const controlGroups of ['prefer', 'none'] as const) {
  const hasGroups = controlGroups === 'prefer' && ownControlGroupParents() !== undefined
  const atFirst = await holdings()
  const backend = new BubblewrapBackend({ bwrapPath, languages, controlGroups, maxConcurrency: 4, logger })
  await backend.prepare()
  const mode = controlGroups === 'none' ? 'without groups' : hasGroups ? 'with groups' : 'no groups to be had'
  for (const abuse of abuses) {
    const startedAt = performance.now()
    const expected = hasGroups ? abuse : abuseWithinProcessBounds(abuse)
    const { outcome, failure } = await tryAbuse(backend, expected)
    const row = rows[abuse.title] ?? {}
    row[mode] = failure === undefined ? outcome.status : `FAILED: ${outcome.status}`
    row[`${mode}, seconds`] = ((performance.now() - startedAt) / 1000).toFixed(1)
    rows[abuse.title] = row
    if (failure !== undefined) failures.push(`${mode}: ${abuse.title}: ${failure}`)
  }
  const executor = new SandboxExecutor({ backend, maxQueueLength: AT_ONCE / 2, maxQueueWaitMs: 600_000 })
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, index) =>
      executor
        .execute({ executionId: `run-${index}`, tenantId: 'proof', language: 'shell', code: `echo ${index}` })
        .then(({ status, stdout }) => (stdout === `${index}\n` ? status : 'mixed up'))
        // What a sandbox refuses or fails with carries a code.
        .catch((error: { code?: string }) => error.code ?? 'no code'),
    ),
  )
  const counts = count(answers)
  const completed = counts.completed ?? 0
  console.log(`${mode}: ${AT_ONCE} at once`, counts, backend.stats)
  if (completed + (counts.QUEUE_FULL ?? 0) !== AT_ONCE || completed < AT_ONCE / 2) {
    failures.push(`${mode}: not all of ${AT_ONCE} were answered`)
  }
  await executor.close()
  await backend.close()
  const after = await holdings()
  console.log(`${mode}: before`, atFirst, 'and after', after)
  for (const what of ['processes', 'files', 'groups'] as const) {
    if (after[what] > atFirst[what])
      failures.push(`${mode}: ${after[what] - atFirst[what]} ${what} were left`)
  }
  if (after.memoryMib > atFirst.memoryMib + MOST_MEMORY_MIB) failures.push(`${mode}: memory has grown`)
}
console.table(rows)
for (const failure of failures) console.log(failure)
console.log(`${abuses.length} abuses with control groups and without, ${failures.length} failures`)
if (failures.length > 0) process.exitCode = 1
