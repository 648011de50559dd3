import { createPostgresSchema } from '@golden-arch/testkit'
import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import type { Contender, Job } from '../contender.ts'

const TASK = 'bench'

/** graphile-worker, 10 handlers at once from a local queue of 500. */
export const graphileWorker: Contender = {
  name: 'graphile-worker',
  durability: 'power loss',
  jobs: 4000,
  async open({ postgres }) {
    const { schema, drop } = await createPostgresSchema(postgres)
    const pgPool = new pg.Pool({ connectionString: postgres, max: 20 })
    pgPool.on('error', () => undefined)
    pgPool.on('connect', (client) => client.on('error', () => undefined))
    const logger = new Logger(() => () => undefined)
    const tools = await makeWorkerUtils({ pgPool, schema, logger })
    await tools.migrate()
    let runner: Runner | undefined
    return {
      async work(handle) {
        runner = await run({
          pgPool,
          schema,
          logger,
          concurrency: 10,
          noHandleSignals: true,
          preset: { worker: { localQueue: { size: 500 } } },
          taskList: {
            // The queue gives back the JSON that was enqueued.
            [TASK]: async (payload) => handle((payload as Job).index),
          },
        })
      },
      async enqueue(job) {
        await tools.addJob(TASK, job)
      },
      stop: async () => runner?.stop(),
      async left() {
        const sql = `SELECT count(*) AS count FROM ${schema}.jobs`
        const { rows } = await pgPool.query<{ count: string }>(sql)
        return Number(rows[0]?.count)
      },
      async close() {
        await tools.release()
        await pgPool.end()
        await drop()
      },
    }
  },
}
