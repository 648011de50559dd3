import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runCommand } from '../packages/run-command.ts'
import type { TestRun } from './run-tests.ts'

/** The tests that run a peer; a peer that is missing here is a failure of the proof. */
const TESTS_OF: Readonly<Record<string, readonly string[]>> = {
  '@electric-sql/pglite': [
    'packages/core/src/storage/adapters/pglite',
    'packages/budget/src/budget-controller.pglite.test.ts',
    'packages/messaging/src/messaging.pglite.test.ts',
  ],
  '@nats-io/jetstream': ['packages/messaging/src/adapters/jetstream'],
  '@nats-io/transport-node': ['packages/messaging/src/adapters/jetstream'],
  '@node-rs/argon2': ['packages/core/src/security/login'],
  '@opentelemetry/api': ['packages/core/src/observability/adapters/opentelemetry'],
  ajv: ['packages/core/src/validation/json-schema', 'packages/core/src/ai-sdk'],
  dockerode: ['packages/sandbox/src/adapters/docker'],
  ioredis: [
    'packages/core/src/storage/adapters/redis',
    'packages/core/src/resilience/adapters/redis',
    'packages/core/src/resilience/registry',
    'packages/core/src/resilience/sharing/cluster.int.test.ts',
    'packages/core/src/security/rate-limit',
    'packages/core/src/security/login/throttle/adapters/redis',
    'packages/budget/src/cache',
    'packages/cli/src/doctor',
  ],
  pg: [
    'packages/core/src/storage/adapters/pg',
    'packages/core/src/migrate/migrator.int.test.ts',
    'packages/core/src/audit/audit-log.int.test.ts',
    'packages/core/src/tasks/queue/task-queue.int.test.ts',
    'packages/budget/src/budget-controller.int.test.ts',
    'packages/messaging/src/messaging.int.test.ts',
    'packages/governance/src/learning/prompt-governor.int.test.ts',
    'packages/cli/src/budget',
  ],
  pino: ['packages/core/src/observability/adapters/pino', 'packages/core/src/validation/redaction'],
  'prom-client': ['packages/core/src/observability/adapters/prom-client'],
  pyodide: ['packages/sandbox/src/adapters/pyodide'],
  'sanitize-html': ['packages/core/src/validation/html', 'packages/core/src/validation/encoders'],
  vitest: ['packages/core/src/storage', 'packages/core/src/resilience/adapters/sql'],
}

/** The lowest version of one part of a peer's range. */
export interface PeerVersion {
  readonly name: string
  /** The range as the packages declare it. */
  readonly range: string
  /** The lowest version that the part allows. */
  readonly version: string
  readonly tests: readonly string[]
}

/** The lowest versions that the ranges of the packages' peers allow, one for each part between `||`. */
export function lowestPeers(): readonly PeerVersion[] {
  const found = new Map<string, PeerVersion>()
  for (const folder of readdirSync('packages')) {
    // The manifests are ours.
    const { peerDependencies = {} } = JSON.parse(
      readFileSync(join('packages', folder, 'package.json'), 'utf8'),
    ) as { peerDependencies?: Readonly<Record<string, string>> }
    for (const [name, range] of Object.entries(peerDependencies)) {
      const tests = TESTS_OF[name]
      if (tests === undefined) throw new Error(`no tests are named for the peer ${name}`)
      for (const part of range.split('||')) {
        const version = lowestOf(part)
        found.set(`${name}@${version}`, { name, range, version, tests })
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** The lowest version that a range such as `^8.12` or `>=9 <11` allows. */
export function lowestOf(range: string): string {
  const [, major, minor = '0', patch = '0'] =
    /^\s*(?:\^|>=)\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(range) ?? []
  if (major === undefined) throw new Error(`a range that has no lowest version: ${range}`)
  return `${major}.${minor}.${patch}`
}

/** Installs one version of a peer into a folder of its own, and gives what puts it in the place of ours. */
export function installPeer(folder: string, { name, version }: PeerVersion): Omit<TestRun, 'tests'> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  )
  runCommand('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], folder)
  const preload = resolve(import.meta.dirname, 'instead.ts')
  const environment = { INSTEAD_NAME: name, INSTEAD_FOLDER: folder, NODE_OPTIONS: `--import=${preload}` }
  if (name !== 'vitest') return { environment }
  return { environment, vitest: join(folder, 'node_modules', 'vitest', 'vitest.mjs') }
}
