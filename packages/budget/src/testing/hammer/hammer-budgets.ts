import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, randomName } from '@golden-arch/testkit'
import pg from 'pg'
import { BudgetController } from '../../budget-controller.ts'
import { type FailureCounts, liveThrough } from './hammer-life.ts'
import { callsOfProcesses, expectedUse, hammerCall, PROJECT_IDS, TENANT_ID } from './hammer-plan.ts'
import type { HammerNews, HammerOrder } from './hammer-process.ts'

/** What the hammering came to. It is only returned where every promise was kept. */
export interface HammerFigures {
  readonly ids: number
  /** Calls of both processes, without those that a kill made them repeat. */
  readonly calls: number
  readonly killedProcesses: number
  readonly cutConnections: number
  /** Failures that callers saw, by code; each was sent again with the same ids. */
  readonly failures: FailureCounts
  readonly usedTokens: number
  readonly seconds: number
}

const FILES = {
  process: fileURLToPath(new URL('hammer-process.ts', import.meta.url)),
  migrations: fileURLToPath(new URL('../../../../../migrations', import.meta.url)),
}
const LIMIT_TOKENS = 2 ** 50
const FINAL_CONCURRENCY = 64

/**
 * Lets two processes, each with two connections, request and settle `idCount` ids in five shared budgets, 30 percent
 * of the calls being repeats; cuts their connections under way; kills the first when it is 40 percent done, and starts
 * it again from the beginning. Then asks for every id once more.
 * @throws Error when an id is new to the last round, a budget's use is not the sum expected, anything is still
 * reserved, or the ledger does not bear the counters out.
 */
export async function hammerBudgets(address: string, idCount: number): Promise<HammerFigures> {
  const { poolConfig, drop } = await createPostgresSchema(address)
  const pool = new pg.Pool({ ...poolConfig, max: 4 })
  try {
    const database = new PgDatabase({ pool })
    await new Migrator({ database, migrations: await readMigrationFolder(FILES.migrations) }).up({
      modules: ['budget'],
    })
    const budgets = new BudgetController({ database, operationTimeoutMs: 60_000 })
    for (const projectId of PROJECT_IDS) {
      const scope = { tenantId: TENANT_ID, projectId }
      await budgets.setLimit({ scope, limitTokens: LIMIT_TOKENS, actor: { id: 'hammer', kind: 'human' } })
    }
    const startedAt = performance.now()
    const under = await runProcesses(pool, poolConfig, idCount)
    await askForEachAgain(budgets, idCount)
    const seconds = (performance.now() - startedAt) / 1000
    return { ids: idCount, ...under, usedTokens: await checkedUse(budgets, idCount), seconds }
  } finally {
    await pool.end()
    await drop()
  }
}

async function runProcesses(
  pool: pg.Pool,
  poolConfig: pg.PoolConfig,
  idCount: number,
): Promise<Pick<HammerFigures, 'calls' | 'killedProcesses' | 'cutConnections' | 'failures'>> {
  const applicationName = randomName('hammer')
  const failures: FailureCounts = {}
  const cuts: Promise<number>[] = []
  let killedProcesses = 0
  const plan = callsOfProcesses(idCount)
  const running = plan.map(async (calls, index) => {
    const order = { poolConfig: { ...poolConfig, application_name: applicationName }, calls }
    const mayKill = index === 0
    const onNews = (news: HammerNews, child: ChildProcess): void => {
      cuts.push(cutOneConnection(pool, applicationName))
      if (!mayKill || killedProcesses > 0 || news.doneCalls < calls.length * 0.4) return
      killedProcesses++
      child.kill('SIGKILL')
    }
    let end = await runProcess(order, onNews)
    if (end === 'killed') end = await runProcess(order, onNews)
    if (end === 'killed') throw new Error('a process was killed that was not to be')
    for (const [code, count] of Object.entries(end)) failures[code] = (failures[code] ?? 0) + count
  })
  await Promise.all(running)
  if (killedProcesses === 0) throw new Error('no process lived long enough to be killed')
  const cutConnections = (await Promise.all(cuts)).reduce((sum, one) => sum + one, 0)
  return { calls: plan[0].length + plan[1].length, killedProcesses, cutConnections, failures }
}

function runProcess(
  order: HammerOrder,
  onNews: (news: HammerNews, child: ChildProcess) => void,
): Promise<FailureCounts | 'killed'> {
  const child = fork(FILES.process, {
    execArgv: ['--conditions=golden-arch-source'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  let complaints = ''
  let failures: FailureCounts | undefined
  child.stderr?.on('data', (chunk) => {
    complaints += String(chunk)
  })
  child.on('message', (message) => {
    // The process sends nothing else.
    const news = message as HammerNews
    if (news.failures === undefined) onNews(news, child)
    else failures = news.failures
  })
  child.send(order)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      if (signal === 'SIGKILL') resolve('killed')
      else if (failures !== undefined) resolve(failures)
      else reject(new Error(`a process ended with ${signal ?? exitCode}: ${complaints}`))
    })
  })
}

async function cutOneConnection(pool: pg.Pool, applicationName: string): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = $1 AND state = 'active' ORDER BY random() LIMIT 1`,
    [applicationName],
  )
  return rowCount ?? 0
}

async function askForEachAgain(budgets: BudgetController, idCount: number): Promise<void> {
  const numbers = Array.from({ length: idCount }, (_, number) => number).values()
  const fresh: string[] = []
  const ask = async (): Promise<void> => {
    for (const number of numbers) {
      const call = hammerCall(number)
      if (!(await liveThrough(budgets, call, {}))) fresh.push(call.requestId)
    }
  }
  await Promise.all(Array.from({ length: FINAL_CONCURRENCY }, ask))
  if (fresh.length > 0) throw new Error(`${fresh.length} answers were lost, the first of ${fresh[0]}`)
}

async function checkedUse(budgets: BudgetController, idCount: number): Promise<number> {
  let used = 0
  for (const projectId of PROJECT_IDS) {
    const state = await budgets.state({ tenantId: TENANT_ID, projectId })
    const expected = expectedUse(projectId, idCount)
    if (state.usedTokens !== expected || state.reservedTokens !== 0) {
      throw new Error(
        `${projectId} used ${state.usedTokens} of ${expected}, ${state.reservedTokens} reserved`,
      )
    }
    used += expected
  }
  const { isConsistent, checkedBudgets, differences } = await budgets.verify({ tenantId: TENANT_ID })
  if (!isConsistent || checkedBudgets !== PROJECT_IDS.length) {
    throw new Error(
      `the ledger does not bear out ${differences.length} counters of ${checkedBudgets} budgets`,
    )
  }
  return used
}
