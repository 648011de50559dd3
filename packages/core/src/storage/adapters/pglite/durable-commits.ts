import { fsyncSync } from 'node:fs'
import type { SqlDurability } from '../../ports/sql-database.ts'
import { fsyncTree } from './fsync-files.ts'
import type { PgliteClient } from './pglite-client.ts'

/**
 * PGlite's start parameters with fsync on: give it `PGlite.defaultStartParams`, which turn fsync off, and pass the
 * result as `startParams`. Costs one fsync per commit; without it a commit survives a crash of the process but not a
 * loss of power.
 */
export function durableStartParams(defaults: readonly string[]): string[] {
  // wal_sync_method: of PostgreSQL's ways to flush, fsync is the one that PGlite hands to its file system.
  return [...defaults.filter((param) => param !== '-F'), '-c', 'fsync=on', '-c', 'wal_sync_method=fsync']
}

const NEEDED_SETTINGS = {
  fsync: 'on',
  wal_sync_method: 'fsync',
  full_page_writes: 'on',
  synchronous_commit: 'on',
} as const

/**
 * Completes fsync in a PGlite that was started with it: its file system for Node leaves the call unanswered (0.5.16),
 * so we answer it.
 * `'power-loss'` only if a commit was then seen to fsync; whatever is missing, `'process-crash'`.
 */
export async function makeCommitsDurable(client: PgliteClient, dataFolder: string): Promise<SqlDurability> {
  const operations = fileOperations(client.Module)
  if (operations === undefined || !(await hasNeededSettings(client))) return 'process-crash'
  let count = 0
  const given = operations.fsync
  operations.fsync = (stream: { nfd: number }): unknown => {
    count++
    if (typeof given === 'function') return given(stream)
    fsyncSync(stream.nfd)
    return 0
  }
  // What recovery or the first start wrote before this came after no fsync.
  await fsyncTree(dataFolder)
  await client.query("SELECT pg_logical_emit_message(true, 'durability', 'probe')")
  return count > 0 ? 'power-loss' : 'process-crash'
}

async function hasNeededSettings(client: PgliteClient): Promise<boolean> {
  for (const [name, needed] of Object.entries(NEEDED_SETTINGS)) {
    const { rows } = await client.query('SELECT current_setting($1) AS setting', [name])
    const row = rows[0]
    if (typeof row !== 'object' || row === null || Reflect.get(row, 'setting') !== needed) return false
  }
  return true
}

/** The table of file operations of this instance's folder, where the module has one. */
function fileOperations(module: unknown): { fsync?: unknown } | undefined {
  const operations = field(field(module, 'NODEFS'), 'stream_ops')
  return typeof operations === 'object' && operations !== null ? operations : undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
