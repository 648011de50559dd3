import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import type { Programs } from '../programs/programs.ts'
import type { ServerRecipe } from '../server/private-server.ts'
import { libraryEnvironment } from '../server/private-server.ts'
import { runCommand } from '../server/run-command.ts'

const INITDB_LIMIT_MS = 60_000

/** How a PostgreSQL of ours runs. */
export interface PostgresSettings {
  /** Whether it waits for the disk. A killed process loses nothing either way; a machine without power does. */
  readonly fsync: boolean
  readonly password: string
}

/** A password for a server that lives as long as one run. */
export function randomPassword(): string {
  return randomBytes(12).toString('hex')
}

/** The address of a PostgreSQL of ours. */
export function postgresAddress(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

/** PostgreSQL on TCP alone, with a password: on a shared machine any user can reach a port of 127.0.0.1. */
export function postgresRecipe(programs: Programs, settings: PostgresSettings): ServerRecipe {
  const { libraryPath } = programs
  return {
    name: 'postgres',
    file: join(programs.folder, 'postgres'),
    libraryPath,
    async prepare(folder) {
      const passwordFile = folder.writePrivateFile('password', settings.password)
      const data = ['--pgdata', folder.dataPath, '--username', 'postgres', '--pwfile', passwordFile]
      const make = ['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync']
      await runCommand(join(programs.folder, 'initdb'), [...data, ...make], {
        timeLimitMs: INITDB_LIMIT_MS,
        env: { TZ: 'UTC', ...libraryEnvironment(libraryPath) },
        user: folder.user,
        onStart: folder.recordProcess,
      })
      folder.recordProcess(undefined)
    },
    argumentsFor(folder, port) {
      const fsync = settings.fsync ? 'on' : 'off'
      const options = {
        listen_addresses: '127.0.0.1',
        port: String(port),
        unix_socket_directories: '',
        max_connections: '200',
        shared_buffers: '64MB',
        jit: 'off',
        timezone: 'UTC',
        fsync,
        full_page_writes: fsync,
      }
      return [
        '-D',
        folder.dataPath,
        ...Object.entries(options).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ]
    },
    askVersion: (port) => askPostgresVersion(postgresAddress(port, settings.password)),
  }
}

/** The version of the PostgreSQL at an address, such as `15.18`. */
export async function askPostgresVersion(address: string): Promise<string> {
  if (!/^postgres(ql)?:\/\//.test(address)) throw new Error('the address must start with postgres://')
  const client = new pg.Client({
    connectionString: address,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  })
  // An error that comes after the answer must not end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return /^[\d.]+/.exec(rows[0]?.server_version ?? '')?.[0] ?? ''
  } finally {
    await client.end().catch(() => undefined)
  }
}
