/** Run as a process of its own: commits rows to the database in a folder, and prints each number once it is committed. */
import { PGlite } from '@electric-sql/pglite'
import { durableStartParams } from '../durable-commits.ts'
import { PgliteDatabase } from '../pglite-database.ts'

const [folder = '', mode] = process.argv.slice(2)
const startParams =
  mode === 'durable' ? durableStartParams(PGlite.defaultStartParams) : PGlite.defaultStartParams
const database = await PgliteDatabase.open({
  folder,
  create: (dataDir) => PGlite.create({ dataDir, startParams }),
})
await database.script('CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY, filler text)')
process.stdout.write(`${database.capabilities.durability}\n`)
for (let n = 1; ; n++) {
  await database.transaction(async (tx) => {
    await tx.query('INSERT INTO written VALUES ($1, $2)', [n, 'x'.repeat(500)])
  })
  process.stdout.write(`${n}\n`)
}
