import { PGlite } from '@electric-sql/pglite'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { durableStartParams, PgDatabase, PgliteDatabase, type SqlDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, temporaryFolder } from '@golden-arch/testkit'
import pg from 'pg'
import { BudgetController, type BudgetScope } from '../../../packages/budget/src/index.ts'
import {
  budgetCount,
  type Contender,
  HELD_TOKENS,
  LIMIT_TOKENS,
  type OpenContender,
  type Shape,
  USED_TOKENS,
} from '../contender.ts'

const TENANT = 'bench'

/** This package, with its ledger on. */
export const golden: Contender = {
  name: 'golden-arch',
  shapes: ['one budget', '1000 budgets', '4 levels'],
  async open({ postgresAddress }, shape) {
    const { poolConfig, drop } = await createPostgresSchema(postgresAddress)
    // On connections of its own, so that its work is counted before the round begins.
    const setUp = new pg.Pool({ ...poolConfig, max: 4 })
    await prepare(new PgDatabase({ pool: setUp }), shape)
    await setUp.end()
    const pool = new pg.Pool({ ...poolConfig, max: 4 })
    return { ...work(new PgDatabase({ pool }), shape), close: () => pool.end(), remove: drop }
  },
}

/** The same in the process, on PGlite with a folder and fsync. */
export const goldenEmbedded: Contender = {
  name: 'golden-arch on PGlite',
  shapes: ['one budget', '1000 budgets', '4 levels'],
  async open(_, shape) {
    const folder = await temporaryFolder('bench')
    const startParams = durableStartParams(PGlite.defaultStartParams)
    const database = await PgliteDatabase.open({
      folder: `${folder.path}/data`,
      create: (dataDir) => PGlite.create({ dataDir, startParams }),
    })
    await prepare(database, shape)
    return { ...work(database, shape), close: () => database.close(), remove: () => folder.remove() }
  },
}

function scopesOf(shape: Shape): readonly BudgetScope[] {
  const narrow = shape === '4 levels' ? { taskId: 'task', agentId: 'agent' } : {}
  return Array.from({ length: budgetCount(shape) }, (_, index) => ({
    tenantId: TENANT,
    projectId: `p${index}`,
    ...narrow,
  }))
}

async function prepare(database: SqlDatabase, shape: Shape): Promise<void> {
  await new Migrator({ database, migrations: await readMigrationFolder('migrations') }).up({
    modules: ['budget'],
  })
  const budgets = new BudgetController({ database })
  const levels = [
    {},
    { projectId: 'p0' },
    { projectId: 'p0', taskId: 'task' },
    { projectId: 'p0', taskId: 'task', agentId: 'agent' },
  ]
  const limited = shape === '4 levels' ? levels.map((one) => ({ tenantId: TENANT, ...one })) : scopesOf(shape)
  for (const scope of limited)
    await budgets.setLimit({ scope, limitTokens: LIMIT_TOKENS, actor: { id: 'bench', kind: 'human' } })
}

function work(database: SqlDatabase, shape: Shape): Pick<OpenContender, 'hold' | 'commit' | 'usedTokens'> {
  const budgets = new BudgetController({ database, operationTimeoutMs: 60_000 })
  const scopes = scopesOf(shape)
  return {
    async hold(requestId, budget) {
      const { projectId = '', taskId, agentId } = scopes[budget] ?? {}
      const { status } = await budgets.requestTokens({
        requestId,
        tenantId: TENANT,
        projectId,
        taskId,
        agentId,
        tokens: HELD_TOKENS,
      })
      if (status !== 'granted') throw new Error(status)
    },
    async commit(requestId) {
      await budgets.commit({ tenantId: TENANT, requestId, usage: { totalTokens: USED_TOKENS } })
    },
    async usedTokens() {
      let used = 0
      for (const { projectId } of scopes)
        used += (await budgets.state({ tenantId: TENANT, projectId })).usedTokens
      return used
    },
  }
}
