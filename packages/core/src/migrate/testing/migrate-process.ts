import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a process ended. */
export interface ProcessEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly output: string
}

/** A process of the migration command. */
export interface MigrateProcess {
  readonly child: ChildProcess
  readonly ended: Promise<ProcessEnd>
}

const REPOSITORY = fileURLToPath(new URL('../../../../../', import.meta.url))

/** Starts the migration command of this repository as a process of its own. */
export function startMigrate(databaseUrl: string, ...argv: readonly string[]): MigrateProcess {
  const child = spawn(process.execPath, ['--conditions=golden-arch-source', 'tools/migrate.ts', ...argv], {
    cwd: REPOSITORY,
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const take = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode, output }))
  })
  return { child, ended }
}
