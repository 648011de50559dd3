import { PGlite } from '@electric-sql/pglite'
import { durableStartParams, PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, temporaryFolder } from '@golden-arch/testkit'
import pg from 'pg'
import { SqlBroker } from '../../../packages/messaging/src/adapters/sql/index.ts'
import type { Contender, OpenContender } from '../contender.ts'
import { createGoldenTables } from './golden-tables.ts'
import { goldenWork } from './golden-work.ts'

/** This package on PostgreSQL. */
export const goldenSql: Contender = {
  name: 'SqlBroker',
  durability: 'power loss',
  jobs: 15_000,
  async open({ postgres }) {
    const { poolConfig, drop } = await createPostgresSchema(postgres)
    const pool = new pg.Pool({ ...poolConfig, max: 10 })
    return openOn(new PgDatabase({ pool }), async () => {
      await pool.end()
      await drop()
    })
  },
}

/** The same in the process, on PGlite with a folder and fsync. */
export const goldenPglite: Contender = {
  name: 'SqlBroker on PGlite',
  durability: 'power loss',
  jobs: 8000,
  async open() {
    const folder = await temporaryFolder('bench')
    const startParams = durableStartParams(PGlite.defaultStartParams)
    const database = await PgliteDatabase.open({
      folder: `${folder.path}/data`,
      create: (dataDir) => PGlite.create({ dataDir, startParams }),
    })
    return openOn(database, async () => {
      await database.close()
      await folder.remove()
    })
  },
}

async function openOn(database: SqlDatabase, close: () => Promise<void>): Promise<OpenContender> {
  await createGoldenTables(database)
  const broker = new SqlBroker({ database })
  await broker.ensure([{ stream: 'BENCH', subjects: ['bench.>'] }])
  const bounds = { maxConcurrent: 500, prefetch: 1000 }
  return {
    ...goldenWork({ broker, stream: 'BENCH', type: 'bench.job', ...bounds }),
    async left() {
      const { rows } = await database.query<{ count: bigint }>('SELECT count(*) FROM message_deliveries')
      return Number(rows[0]?.count)
    },
    close,
  }
}
