/**
 * Runs the tests that speak of a server, a program, Node or a peer on every version of it that the registries of npm and
 * Debian have: the servers of `tools/versions/server-versions.ts`, Node from the oldest on, and of each peer the lowest version
 * that its range allows. Prints a table for each group; exit code 1 if a version that is meant to do fails a test. With --write
 * the tables of whole groups are put into docs/project/support.md.
 * Usage: node --conditions=golden-arch-source tools/prove/versions.ts [--write] [group …] [beginning of a title, such as 'Valkey 9' …]
 * with the groups node, postgres, redis, nats, docker, bubblewrap and peers
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { trackedFiles } from '../house/tracked-files.ts'
import { fetchNodes, NODE_VERSIONS } from '../packages/runtimes.ts'
import { installPeer, lowestPeers } from '../versions/peer-versions.ts'
import { runTests, type TestOutcome } from '../versions/run-tests.ts'
import { NODE_TESTS, testsOf } from '../versions/selected-tests.ts'
import { SERVER_VERSIONS } from '../versions/server-versions.ts'

const PAGE = 'docs/project/support.md'
const GROUPS = ['node', 'postgres', 'redis', 'nats', 'docker', 'bubblewrap', 'peers'] as const
/** Beside the lines that the packages are proven on, the oldest Node that they are for. */
const OLDEST_NODE = '22.18.0'

type Group = (typeof GROUPS)[number]

/** A line of a table: what is run, and how. */
interface Version {
  readonly title: string
  readonly from: string
  readonly isSupported: boolean
  run(report: string): Promise<TestOutcome>
}

const words = process.argv.slice(2)
const isWriting = words.includes('--write')
const named = words.filter((word) => word !== '--write')
const groups = GROUPS.filter((group) => named.includes(group))
const titles = named.filter((word) => !GROUPS.some((group) => group === word))

const files = trackedFiles().filter((file) => file.endsWith('.test.ts'))
const folder = await temporaryFolder('versions')
const unexpected: string[] = []
let count = 0
try {
  for (const group of groups.length > 0 ? groups : GROUPS) {
    const rows: string[] = []
    for (const [index, version] of versionsOf(group).entries()) {
      if (titles.length > 0 && !titles.some((title) => version.title.startsWith(title))) continue
      count++
      const outcome = await version.run(join(folder.path, `${group}-${index}.json`)).catch(notRun)
      const { passed, failed, skipped, failures, seconds } = outcome
      const row = [
        version.title,
        version.from,
        `${passed} passed, ${failed} failed`,
        verdictOf(version, outcome),
      ]
      rows.push(`| ${row.join(' | ')} |`)
      console.log(`${row.join(', ')}${skipped === 0 ? '' : `, ${skipped} skipped`}, ${seconds} s`)
      for (const failure of failures) console.log(`  ${failure}`)
      if (version.isSupported && failed > 0) unexpected.push(version.title)
    }
    if (rows.length === 0) continue
    const table = ['| version | from | tests | |', '|---|---|---|---|', ...rows].join('\n')
    console.log(`\n${table}\n`)
    if (isWriting && titles.length === 0) writeTable(group, table)
  }
} finally {
  await folder.remove()
}
if (count === 0) {
  console.error(`no version is called like ${titles.join(', ')}`)
  process.exitCode = 2
}
if (unexpected.length > 0) {
  console.error(`failed on ${unexpected.join(', ')}`)
  process.exitCode = 1
}

function versionsOf(group: Group): readonly Version[] {
  if (group === 'node') return nodeVersions()
  if (group === 'peers') return peerVersions()
  const tests = testsOf(group, files)
  return SERVER_VERSIONS.filter(({ service }) => service === group).map((version) => ({
    ...version,
    async run(report) {
      const { environment, close } = await version.open()
      try {
        return await runTests({ tests, environment }, report)
      } finally {
        await close()
      }
    },
  }))
}

function nodeVersions(): readonly Version[] {
  return fetchNodes(join(folder.path, 'nodes'), [OLDEST_NODE, ...NODE_VERSIONS]).map(({ version, path }) => ({
    title: `Node ${version}`,
    from: 'npm',
    isSupported: true,
    run: (report) => runTests({ tests: NODE_TESTS, node: path }, report),
  }))
}

function peerVersions(): readonly Version[] {
  return lowestPeers().map((peer) => ({
    title: `${peer.name} ${peer.version}`,
    from: `\`${peer.range}\``.replaceAll('|', '\\|'),
    isSupported: true,
    run: (report) => {
      const place = join(folder.path, `${peer.name.replace('/', '-')}-${peer.version}`)
      return runTests({ tests: peer.tests, ...installPeer(place, peer) }, report)
    },
  }))
}

function verdictOf({ isSupported }: Version, { failed }: TestOutcome): string {
  if (isSupported) return failed === 0 ? 'supported' : 'FAILED'
  return failed === 0 ? 'passes, not supported' : 'not supported'
}

function notRun(error: unknown): TestOutcome {
  const said = error instanceof Error ? error.message : String(error)
  return { passed: 0, failed: 1, skipped: 0, failures: [`not run: ${said}`], seconds: 0 }
}

function writeTable(group: Group, table: string): void {
  const [opening, closing] = [`<!-- versions ${group} -->\n`, '\n<!-- end -->']
  const text = readFileSync(PAGE, 'utf8')
  const start = text.indexOf(opening)
  const end = text.indexOf(closing, start)
  if (start === -1 || end === -1) throw new Error(`${PAGE} has no place for ${group}`)
  writeFileSync(PAGE, `${text.slice(0, start + opening.length)}\n${table}\n${text.slice(end)}`)
}
