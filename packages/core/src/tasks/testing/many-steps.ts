import { SqlEventOutbox } from '../../events/index.ts'
import type { SqlDatabase, SqlTransaction } from '../../storage/index.ts'
import { AgentRegistry } from '../agents/agent-registry.ts'
import { EffectLedger } from '../effect-ledger.ts'
import { TaskQueue } from '../queue/task-queue.ts'
import { TaskQuotas } from '../queue/task-quotas.ts'
import { TaskSweeper } from '../queue/task-sweeper.ts'
import { TaskSteps } from '../steps/task-steps.ts'

/** Rows that one statement adds: a server under load answers within its deadline. */
const AT_ONCE = 20_000
const SERVICE = 'agent'
const OWNER = 'process'

/** What processes ask of the tables, with the classes that ask it. */
interface Parts {
  readonly tx: SqlTransaction
  readonly database: SqlDatabase
  readonly queue: TaskQueue
  readonly quotas: TaskQuotas
  readonly steps: TaskSteps
  readonly effects: EffectLedger
  readonly agents: AgentRegistry
}

/**
 * Fills the tables with `count` tasks, steps and agents each. A tenth of the tasks wait for a place, a tenth is being
 * looked at, the rest has ended, three of it two days ago; of the steps a tenth pauses, a tenth runs, the rest is done; 5 of each are due.
 */
export async function addManySteps(database: SqlDatabase, count: number): Promise<void> {
  for (let first = 1; first <= count; first += AT_ONCE) {
    const range = [first, Math.min(count, first + AT_ONCE - 1)]
    await database.query(
      `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, status, is_admitted, wake_at,
                          deadline_at, created_by)
       SELECT CASE WHEN i % 10 = 0 THEN 'full' ELSE 't-' || i % 7 END, 'k-' || i, 'p', 'k-' || i, 'root', 'a task',
              CASE WHEN i % 10 = 0 THEN 'submitted' WHEN i % 10 = 1 THEN 'executing' ELSE 'completed' END,
              i % 10 = 1, CASE WHEN i % 10 = 1 THEN clock_timestamp() + interval '1 hour' END,
              clock_timestamp() + interval '1 day', 'u'
         FROM generate_series($1::int, $2::int) i`,
      range,
    )
    await database.query(
      `INSERT INTO task_steps (tenant_id, task_id, step_id, service, kind, max_runs, timeout_ms, state, due_at,
                               lease_owner, deadline_at, result, ended_at)
       SELECT CASE WHEN i % 10 = 0 THEN 'full' ELSE 't-' || i % 7 END, 'k-' || i, 's:1', '${SERVICE}', 's', 5, 1000, state,
              CASE WHEN state <> 'done' THEN clock_timestamp() + interval '1 hour' END,
              CASE WHEN state = 'running' THEN 'p' END, CASE WHEN state = 'running' THEN clock_timestamp() END,
              CASE WHEN state = 'done' THEN '{}'::jsonb END, CASE WHEN state = 'done' THEN clock_timestamp() END
         FROM (SELECT i, CASE i % 10 WHEN 0 THEN 'requested' WHEN 1 THEN 'running' ELSE 'done' END AS state
                 FROM generate_series($1::int, $2::int) i) generated`,
      range,
    )
    await database.query(
      `INSERT INTO agents (tenant_id, agent_id, role, status, current_task_id, claimed_by, heartbeat_at)
       SELECT 'full', 'a-' || i, 'developer', 'working', 'k', 'p', clock_timestamp() + interval '1 day'
         FROM generate_series($1::int, $2::int) i`,
      range,
    )
  }
  await database.query(
    `INSERT INTO task_quotas (tenant_id, max_open, max_running, has_parked) VALUES ('full', 5, 5, true)`,
  )
  await database.query(
    `UPDATE tasks SET wake_at = clock_timestamp(), deadline_at = NULL
      WHERE task_id IN ('k-1', 'k-11', 'k-21', 'k-31', 'k-41')`,
  )
  await database.query(
    `UPDATE task_steps SET due_at = clock_timestamp() - interval '1 hour'
      WHERE task_id IN ('k-10', 'k-20', 'k-11', 'k-21', 'k-31')`,
  )
  await database.query(
    `UPDATE tasks SET updated_at = clock_timestamp() - interval '2 days' WHERE task_id IN ('k-2', 'k-3', 'k-4')`,
  )
  await database.query(
    `INSERT INTO agents (tenant_id, agent_id, role) SELECT 'full', 'free-' || i, 'tester' FROM generate_series(1, 5) i`,
  )
}

/** What is asked, each with the rows that it reads at most: a change reads the rows that it changes again. */
export const STEP_QUESTIONS: readonly (readonly [
  name: string,
  ask: (parts: Parts) => Promise<unknown>,
  maxRows: number,
])[] = [
  ['what is due', ({ queue }) => queue.due({ limit: 20 }), 60],
  ['one task to look at', ({ queue }) => queue.take({ tenantId: 't-4', taskId: 'k-11' }), 5],
  ['a wake', ({ queue, tx }) => queue.wake({ tenantId: 't-4', taskId: 'k-11' }, { tx }), 5],
  [
    'whether a place is free',
    ({ quotas, tx }) => quotas.placesFor({ tenantId: 'full', isForParked: true }, { tx }),
    20,
  ],
  [
    'whether there is room',
    ({ quotas, tx }) => quotas.requireRoom({ tenantId: 'full' }, { tx }).catch(() => {}),
    20,
  ],
  ['the next step of a service', ({ steps }) => steps.claimNext({ service: SERVICE, owner: OWNER }), 10],
  [
    'the next step of a service but those of a kind',
    ({ steps }) =>
      steps.claimNext({ service: SERVICE, owner: OWNER, except: [{ tenantId: 'none', kind: 'generate' }] }),
    10,
  ],
  ['a step and its end', finishOne, 30],
  ['the steps of a task', ({ steps, tx }) => steps.list({ tenantId: 'full', taskId: 'k-10' }, { tx }), 2],
  [
    'the end of all steps of a task',
    ({ steps, tx }) => steps.cancelOpen({ tenantId: 'full', taskId: 'k-10' }, { tx }),
    5,
  ],
  ['steps whose holders are gone', ({ steps }) => steps.recoverLost(), 60],
  ['a sweep', sweep, 80],
  ['forgetting three old tasks', forget, 100],
  ['an idle agent', ({ agents }) => claimAgent(agents, 'tester'), 10],
  ['an agent whose holder is gone', ({ agents }) => claimAgent(agents, 'developer'), 10],
]

/** Rows of all tables that a question reads; what it changes is undone. */
export async function rowsReadFor(
  database: SqlDatabase,
  ask: (parts: Parts) => Promise<unknown>,
): Promise<number> {
  let read = 0
  const isUndone = new Error('undone')
  const outcome = database.transaction(async (tx) => {
    const inTransaction = databaseWithin(database, tx)
    const quotas = new TaskQuotas({ database: inTransaction })
    const before = await rowsRead(tx)
    await ask({
      tx,
      database: inTransaction,
      quotas,
      queue: new TaskQueue({ database: inTransaction, quotas }),
      steps: new TaskSteps({ database: inTransaction, outbox: new SqlEventOutbox() }),
      effects: new EffectLedger({ database: inTransaction }),
      agents: new AgentRegistry({ database: inTransaction }),
    })
    read = (await rowsRead(tx)) - before
    throw isUndone
  })
  await outcome.catch((error: unknown) => {
    if (error !== isUndone) throw error
  })
  return read
}

async function finishOne({ steps, effects }: Parts): Promise<void> {
  const step = { tenantId: 'full', taskId: 'k-10', stepId: 's:1' }
  const claim = await steps.claim(step, { owner: OWNER })
  if (claim === undefined) throw new Error('the step is not free')
  await steps.heartbeat(claim)
  const effect = { ...step, effectId: 'call' }
  await effects.intend(effect, claim)
  await effects.finish(effect, {}, claim)
  await steps.finish(claim, {})
}

async function sweep({ database, steps }: Parts): Promise<void> {
  const machine = { transition: () => Promise.reject(new Error('nothing is overdue')) }
  await new TaskSweeper({ database, machine, steps }).runOnce()
}

async function forget({ database, steps }: Parts): Promise<void> {
  const machine = { transition: () => Promise.reject(new Error('nothing is overdue')) }
  const forgotten = await new TaskSweeper({ database, machine, steps }).forgetEnded({
    retentionMs: 86_400_000,
  })
  if (forgotten !== 3) throw new Error(`${forgotten} forgotten`)
}

function claimAgent(agents: AgentRegistry, role: 'tester' | 'developer'): Promise<unknown> {
  return agents.claimIdle({ tenantId: 'full', role, taskId: 'k', owner: OWNER })
}

/** A database whose every word is spoken within `tx`. */
function databaseWithin(database: SqlDatabase, tx: SqlTransaction): SqlDatabase {
  return {
    capabilities: database.capabilities,
    query: (text, values, options) => tx.query(text, values, options),
    script: (text) => tx.script(text),
    transaction: (run) => run(tx),
    session: () => Promise.reject(new Error('no session within a transaction')),
  }
}

async function rowsRead(tx: SqlTransaction): Promise<number> {
  const { rows } = await tx.query<{ read: bigint }>(
    `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read FROM pg_stat_xact_user_tables
      WHERE relname IN ('tasks', 'task_steps', 'task_effects', 'agents')`,
  )
  return Number(rows[0]?.read)
}
