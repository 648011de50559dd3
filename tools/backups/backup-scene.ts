import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { randomName } from '../../internal/testkit/src/isolation/random-name.ts'
import { temporaryFolder } from '../../internal/testkit/src/isolation/temporary-folder.ts'
import { libraryEnvironment } from '../../internal/testkit/src/server/private-server.ts'
import type { StartedService } from '../../internal/testkit/src/service.ts'
import { startPostgresWithClients } from '../../internal/testkit/src/services/start-postgres-with-clients.ts'
import { type ScriptRun, startScript } from './script-run.ts'

/** A PostgreSQL whose client programs are of its version, and a folder of backups. */
export interface BackupScene {
  readonly service: StartedService
  /** Where backups are. */
  readonly folder: string
  /** A folder whose programs are found before PostgreSQL's own. */
  readonly programs: string
  /** The address of a new database that is empty, of one of two roles that may make tables there and are no superusers. */
  newDatabase(of?: 'owner' | 'heir'): Promise<string>
  /** Makes a role without any right. */
  newRole(): Promise<string>
  /** A connection of the superuser to the database at an address. */
  connect(address: string): Promise<pg.Client>
  /** Ends those connections, and what waited for them goes on. */
  hangUp(): Promise<void>
  /** Runs SQL as the superuser, in the database at `address` where one is given. */
  ask<Row extends pg.QueryResultRow>(sql: string, address?: string): Promise<readonly Row[]>
  /** Backs a database up, as a role that may read everything and change nothing. */
  backUp(address: string, environment?: Readonly<Record<string, string>>): Promise<ScriptRun>
  /** Restores a backup, the newest unless another is named, into the database at an address. */
  restore(address: string, environment?: Readonly<Record<string, string>>): Promise<ScriptRun>
  /** The names in the folder that a person sees. */
  names(): Promise<readonly string[]>
  /** Leaves the server running. */
  leave(): Promise<void>
  close(): Promise<void>
}

const SCRIPTS = join(import.meta.dirname, '../../k8s/components/backups')
const PASSWORD = 'a heron by the weir'

/** Starts the server. Throws `ServiceUnavailableError` where its clients are not here. */
export async function openBackupScene(): Promise<BackupScene> {
  const { service, programs: found } = await startPostgresWithClients()
  const server = service.address
  const root = await temporaryFolder('backups')
  const [folder, programs] = [join(root.path, 'backups'), join(root.path, 'programs')]
  await mkdir(folder)
  await mkdir(programs)
  const connections: pg.Client[] = []
  const connect = async (address: string): Promise<pg.Client> => {
    const own = new URL(server)
    own.pathname = new URL(address).pathname
    const client = new pg.Client({ connectionString: own.href })
    // A server that ends the connection of a test that failed must not end the others.
    client.on('error', () => undefined)
    await client.connect()
    connections.push(client)
    return client
  }
  const ask: BackupScene['ask'] = async (sql, address = server) => {
    const client = await connect(address)
    connections.splice(connections.indexOf(client), 1)
    try {
      // With a single statement the driver gives one result.
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }
  const newRole = async (rights = 'NOLOGIN'): Promise<string> => {
    const role = randomName('role')
    await ask(`CREATE ROLE ${role} ${rights}`)
    return role
  }
  const owners = {
    owner: await newRole(`LOGIN PASSWORD '${PASSWORD}'`),
    heir: await newRole(`LOGIN PASSWORD '${PASSWORD}'`),
  }
  const reader = await newRole(`LOGIN PASSWORD '${PASSWORD}' IN ROLE pg_read_all_data`)
  const addressOf = (role: string, database: string): string => {
    const address = new URL(server)
    Object.assign(address, { username: role, password: PASSWORD, pathname: `/${database}` })
    return address.href
  }
  const start = async (
    script: string,
    address: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<ScriptRun> => {
    const file = join(root.path, randomName('address'))
    await writeFile(file, address)
    return startScript(join(SCRIPTS, script), {
      PATH: `${programs}:${found.folder}:/usr/bin:/bin`,
      ...libraryEnvironment(found.libraryPath),
      DATABASE_URL_FILE: file,
      BACKUP_FOLDER: folder,
      ...environment,
    })
  }
  return {
    service,
    folder,
    programs,
    connect,
    hangUp: async () => {
      for (const client of connections.splice(0)) await client.end()
    },
    ask,
    newRole,
    newDatabase: async (of = 'owner') => {
      const name = randomName('backed')
      await ask(`CREATE DATABASE ${name} OWNER ${owners[of]}`)
      return addressOf(owners[of], name)
    },
    backUp: (address, environment = {}) =>
      start('backup.sh', addressOf(reader, new URL(address).pathname.slice(1)), environment),
    restore: (address, environment = {}) =>
      start('restore.sh', address, { BACKUP: 'newest', ...environment }),
    names: async () => (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(),
    leave: () => root.remove(),
    close: async () => {
      await service.stop()
      await root.remove()
    },
  }
}
