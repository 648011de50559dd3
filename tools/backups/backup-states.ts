import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '../../examples/reference-server/src/open-database.ts'
import { silentLogger } from '../../packages/core/src/observability/index.ts'
import type { BackupScene } from './backup-scene.ts'

const DAY_MS = 86_400_000

/** Gives the database at an address the schema of the system. */
export async function migrate(address: string): Promise<void> {
  const opened = await openDatabase({ url: address, folder: '' }, silentLogger, { migrates: true })
  await opened.close()
}

/** Puts a backup into a folder that seems to be that many days old; its name. */
export async function oldBackup(folder: string, days: number): Promise<string> {
  const stamp = new Date(Date.now() - days * DAY_MS).toISOString().replace(/[-:]|T.*/g, '')
  const name = `golden-architecture-${stamp}T000000Z.dump`
  const text = `of ${stamp}`
  await writeFile(join(folder, name), text)
  const sum = createHash('sha256').update(text).digest('hex')
  await writeFile(join(folder, `${name}.sha256`), `${sum}  ${name}\n`)
  return name
}

/** Removes all that a folder holds. */
export async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
}

/** Who may do what with a file, in octal digits. */
export async function readable(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

/** A table that a test has for itself, so that a program waits for it. */
export interface HeldTable {
  /** Resolves once the program waits for the table. */
  isWaitedFor(): Promise<void>
  /** Resolves once the program is not connected any more. */
  isLeft(): Promise<void>
  release(): Promise<void>
}

/** Takes a table of the database at an address until it is released. */
export async function holdTable(
  scene: BackupScene,
  { table, address, program }: { readonly table: string; readonly address: string; readonly program: string },
): Promise<HeldTable> {
  const client = await scene.connect(address)
  await client.query('BEGIN')
  await client.query(`LOCK TABLE ${table} IN ${program === 'pg_dump' ? 'ACCESS EXCLUSIVE' : 'SHARE'} MODE`)
  const count = async (waiting: string): Promise<number> => {
    const rows = await scene.ask<{ count: string }>(
      `SELECT count(*) FROM pg_stat_activity
        WHERE application_name = '${program}' AND datname = '${new URL(address).pathname.slice(1)}' ${waiting}`,
    )
    return Number(rows[0]?.count)
  }
  return {
    isWaitedFor: async () => {
      while ((await count("AND wait_event_type = 'Lock'")) === 0) await delay(20)
    },
    isLeft: async () => {
      while ((await count('')) > 0) await delay(20)
    },
    release: () => scene.hangUp(),
  }
}

/** Kills the program that a script has started and waits for. */
export function killChild({ pid }: ChildProcess): void {
  const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]
  if (child === undefined || child === '') throw new Error('the script has started nothing')
  process.kill(Number(child), 'SIGKILL')
}
