import { setTimeout as pause } from 'node:timers/promises'
import { createPostgresSchema } from '@golden-arch/testkit'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import type { Contender, Job } from '../contender.ts'

const QUEUE = 'bench'
const BATCH = 50
/** How long a fetch that found nothing waits for the next; its own workers wait longer. */
const IDLE_MS = 10

/** pg-boss, 50 jobs fetched and completed by hand at once. */
export const pgBoss: Contender = {
  name: 'pg-boss',
  durability: 'power loss',
  jobs: 4000,
  async open({ postgres }) {
    const { schema, drop } = await createPostgresSchema(postgres)
    const boss = new PgBoss({
      connectionString: postgres,
      schema,
      max: 10,
      supervise: false,
      schedule: false,
    })
    const failures: unknown[] = []
    boss.on('error', (error) => failures.push(error))
    await boss.start()
    await boss.createQueue(QUEUE)
    let isStopping = false
    let loop: Promise<void> | undefined
    return {
      async work(handle) {
        loop = (async () => {
          while (!isStopping) {
            const jobs = await boss.fetch<Job>(QUEUE, { batchSize: BATCH })
            for (const { data } of jobs) handle(data.index)
            if (jobs.length === 0) await pause(IDLE_MS)
            else
              await boss.complete(
                QUEUE,
                jobs.map(({ id }) => id),
              )
          }
        })()
        // A failure is thrown where the round stops.
        loop.catch(() => undefined)
      },
      async enqueue(job) {
        await boss.send(QUEUE, job)
      },
      async stop() {
        isStopping = true
        await loop
      },
      async left() {
        if (failures.length > 0) throw failures[0]
        const client = new pg.Client({ connectionString: postgres })
        await client.connect()
        const sql = `SELECT count(*) AS count FROM ${schema}.job WHERE name = $1 AND state <> 'completed'`
        const { rows } = await client.query<{ count: string }>(sql, [QUEUE])
        await client.end()
        return Number(rows[0]?.count)
      },
      async close() {
        await boss.stop({ graceful: false })
        await drop()
      },
    }
  },
}
