/**
 * Proves the migrations of this repository on each supported major version of PostgreSQL, on servers of its own: all
 * files, a second run, each module alone, ten processes at once, a process killed in the middle of a file, and one
 * killed while it builds an index. Prints a table; exit code 1 if anything differs from what is promised.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type PostgresVersion, startPostgres, temporaryFolder } from '@golden-arch/testkit'
import { type Migration, Migrator, readMigrationFolder } from '../../packages/core/src/migrate/index.ts'
import { startMigrate } from '../../packages/core/src/migrate/testing/migrate-process.ts'
import {
  openSchema,
  type SchemaDatabase,
} from '../../packages/core/src/migrate/testing/postgres-schema-database.ts'

const VERSIONS: readonly PostgresVersion[] = ['14', '15', '16', '17', '18']
const WAIT_MS = 30_000
const SLEEPY =
  '-- module: proof\nCREATE TABLE half (id int);\n' +
  "DO $$ BEGIN IF to_regclass('awake') IS NULL THEN PERFORM pg_sleep(600); END IF; END $$;\n"
const TABLE = '-- module: proof\nCREATE TABLE goods (id int);\n'
const INDEX =
  '-- module: proof\n-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY goods_by_id ON goods (id);\n'

/** One check: what it gives for the table, or a thrown reason. */
type Check = (schema: SchemaDatabase) => Promise<string>

const migrations = await readMigrationFolder('migrations')

const CHECKS: Readonly<Record<string, Check>> = {
  'all files': async ({ database }) => {
    const { applied } = await new Migrator({ database, migrations }).up()
    expectEqual('files applied', applied.length, migrations.length)
    const again = await new Migrator({ database, migrations }).up()
    expectEqual('files applied by the second run', again.applied.length, 0)
    return `${applied.length}, then ${again.applied.length}`
  },
  'ten at once': async (schema) => {
    const url = schema.addressFor('proof')
    const runners = Array.from({ length: 10 }, () => startMigrate(url, 'up', '--folder', 'migrations').ended)
    const counts = (await Promise.all(runners)).map(({ exitCode, output }) => {
      expectEqual(`exit code of a runner (${output.trim()})`, exitCode, 0)
      return Number(/(\d+) applied\s*$/.exec(output)?.[1])
    })
    expectEqual('files applied by all', sum(counts), migrations.length)
    expectEqual('runners that applied any', counts.filter((count) => count > 0).length, 1)
    return `${sum(counts)} by one of 10`
  },
  'killed in a file': async (schema) => {
    const folder = await temporaryFolder('proof')
    try {
      await writeFile(join(folder.path, '001_sleepy.sql'), SLEEPY)
      const url = schema.addressFor('proof_file')
      const { child, ended } = startMigrate(url, 'up', '--folder', folder.path)
      await until(
        schema,
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'proof_file' AND wait_event = 'PgSleep'",
      )
      child.kill('SIGKILL')
      await ended
      await until(schema, "SELECT 1 WHERE to_regclass('half') IS NULL")
      await schema.database.script('CREATE TABLE awake (id int)')
      const next = await startMigrate(url, 'up', '--folder', folder.path).ended
      expectEqual(`exit code of the next runner (${next.output.trim()})`, next.exitCode, 0)
      return 'nothing left, next done'
    } finally {
      await folder.remove()
    }
  },
  'killed in an index': async (schema) => {
    const folder = await temporaryFolder('proof')
    const run = (command: string) =>
      startMigrate(schema.addressFor('proof_index'), command, '--folder', folder.path)
    try {
      await writeFile(join(folder.path, '001_table.sql'), TABLE)
      await run('up').ended
      await writeFile(join(folder.path, '002_index.sql'), INDEX)
      await schema.database.transaction(async (tx) => {
        await tx.query('INSERT INTO goods VALUES (1)')
        const { child, ended } = run('up')
        const watcher = { ...schema, database: schema.another() }
        await until(
          watcher,
          "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('goods_by_id') AND NOT indisvalid",
        )
        child.kill('SIGKILL')
        await ended
        await until(
          watcher,
          "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'proof_index')",
        )
      })
      expectEqual('exit code before repair', (await run('up').ended).exitCode, 1)
      const repaired = await run('repair').ended
      expectEqual('what repair did', repaired.output.split(' ')[0], 'drop-and-forget')
      expectEqual('exit code after repair', (await run('up').ended).exitCode, 0)
      return 'repaired, then done'
    } finally {
      await folder.remove()
    }
  },
}

const rows: Record<string, string>[] = []
for (const version of VERSIONS) {
  const server = await startPostgres({ version })
  try {
    const row: Record<string, string> = { server: `${server.version} (${server.how})` }
    for (const [title, check] of Object.entries(CHECKS)) row[title] = await answerOf(server.address, check)
    row['modules alone'] = await modulesAlone(server.address, migrations)
    rows.push(row)
  } finally {
    await server.stop()
  }
}
console.table(rows)
if (rows.some((row) => Object.values(row).some((answer) => answer.startsWith('FAILED')))) process.exitCode = 1

async function modulesAlone(address: string, all: readonly Migration[]): Promise<string> {
  const modules = [...new Set(all.map(({ module }) => module))].sort()
  const failures: string[] = []
  for (const module of modules) {
    const answer = await answerOf(address, async ({ database }) => {
      const { applied } = await new Migrator({ database, migrations: all }).up({ modules: [module] })
      return String(applied.length)
    })
    if (answer.startsWith('FAILED')) failures.push(`${module}: ${answer}`)
  }
  return failures.length === 0 ? `${modules.length} of ${modules.length}` : `FAILED ${failures.join('; ')}`
}

async function answerOf(address: string, check: Check): Promise<string> {
  const schema = await openSchema(address)
  try {
    return await check(schema)
  } catch (error) {
    return `FAILED: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    await schema.remove()
  }
}

async function until(schema: SchemaDatabase, query: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while ((await schema.database.query(query)).rowCount === 0) {
    if (performance.now() > deadline) throw new Error(`not seen within ${WAIT_MS} ms: ${query}`)
    await pause(50)
  }
}

function expectEqual(what: string, received: unknown, expected: unknown): void {
  if (received !== expected) throw new Error(`${what}: ${String(received)} instead of ${String(expected)}`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
