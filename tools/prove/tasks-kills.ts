/**
 * Proves on a PostgreSQL of its own that the steps of tasks end once and no call of theirs is made twice, whatever dies.
 * First a service is killed, and another time paused as a whole, right before each act of a step's life, and another one
 * goes on. Then several services work on many steps at once and are killed or paused at moments nobody chose, while
 * people cancel tasks. Prints figures; exit code 1 where something is lost or done twice. A first argument of 0 to 1
 * scales the numbers down.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@golden-arch/testkit'
import { SqlEventOutbox } from '../../packages/core/src/events/index.ts'
import { TaskSteps } from '../../packages/core/src/tasks/index.ts'
import {
  CrashedSteps,
  openStepScene,
  type StepScene,
} from '../../packages/core/src/tasks/testing/crashed-steps.ts'
import { requestStep } from '../../packages/core/src/tasks/testing/sample-steps.ts'
import { endTask } from '../../packages/core/src/tasks/testing/sample-tasks.ts'
import type { StepWorkerSettings } from '../../packages/core/src/tasks/testing/step-worker-process.ts'

const scale = Number(process.argv[2] ?? '1')
const ROUNDS = Math.max(1, Math.round(3 * scale))
const STEPS = Math.max(40, Math.round(600 * scale))
const KILLS = Math.max(6, Math.round(60 * scale))
const WORKERS = 3
const LEASE_MS = 1000
const SERVICE = 'agent'
const WORKER = fileURLToPath(
  new URL('../../packages/core/src/tasks/testing/step-worker-process.ts', import.meta.url),
)

const postgres = await startPostgres()
const problems: string[] = []

async function withScene(run: (scene: StepScene) => Promise<void>): Promise<void> {
  const scene = await openStepScene(postgres.address)
  try {
    await run(scene)
  } finally {
    await scene.close()
  }
}

/** A kill and a pause before each act of a step's life. */
async function endAtEachAct(scene: StepScene): Promise<void> {
  const crashed = new CrashedSteps(scene)
  const acts = await crashed.acts()
  const table: Record<string, object> = {}
  for (const [index, name] of acts.entries()) {
    const row = { killed: 0, paused: 0, wrong: 0, 'calls made': 0 }
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of ['killed', 'paused'] as const) {
        const outcome = await (way === 'killed' ? crashed.killedBefore : crashed.pausedBefore).call(
          crashed,
          index + 1,
        )
        row[way]++
        row.wrong += outcome.problems.length
        row['calls made'] += outcome.calls
        problems.push(...outcome.problems.map((one) => `${way} before act ${index + 1}, ${name}: ${one}`))
      }
    }
    table[`${index + 1} ${name}`] = row
  }
  console.log(`a step's life has ${acts.length} acts; a service was killed and paused before each:`)
  console.table(table)
}

/** Services that are replaced as they are killed, and wake again as they are paused. */
class Workers {
  readonly #scene: StepScene
  readonly #running: ChildProcess[] = []
  readonly #logs: string[] = []
  kills = 0
  pauses = 0

  constructor(scene: StepScene) {
    this.#scene = scene
    for (let index = 0; index < WORKERS; index++) this.#start()
  }

  async killOne(): Promise<void> {
    const [victim] = this.#running.splice(this.kills % WORKERS, 1)
    if (victim === undefined) return
    this.kills++
    await end(victim)
    this.#start()
  }

  /** Stops one for longer than its lease lasts. */
  async pauseOne(): Promise<void> {
    const one = this.#running[this.pauses % WORKERS]
    if (one === undefined) return
    this.pauses++
    one.kill('SIGSTOP')
    await pause(2 * LEASE_MS)
    one.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map(end))
  }

  /** The effect of each call that was made. */
  calls(): readonly string[] {
    return this.#logs.flatMap((log) =>
      existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [],
    )
  }

  #start(): void {
    const callLog = join(this.#scene.folder, `worker-${this.#logs.length}`)
    this.#logs.push(callLog)
    const settings: StepWorkerSettings = {
      pool: this.#scene.pool,
      service: SERVICE,
      callLog,
      leaseMs: LEASE_MS,
    }
    const args = ['--conditions=golden-arch-source', WORKER, JSON.stringify(settings)]
    this.#running.push(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }))
  }
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Kills and pauses at moments nobody chose. */
async function endAmidWork(scene: StepScene): Promise<void> {
  const { database } = scene
  const steps = new TaskSteps({ database, outbox: new SqlEventOutbox() })
  const keys = []
  for (let index = 0; index < STEPS; index++) {
    keys.push(await requestStep(database, steps, { service: SERVICE, maxRuns: 100 }))
  }
  const countOf = async (text: string): Promise<number> =>
    Number((await database.query<{ count: bigint }>(text)).rows[0]?.count)
  const left = (): Promise<number> =>
    countOf(`SELECT count(*) FROM task_steps WHERE state IN ('requested', 'running')`)

  const workers = new Workers(scene)
  // Every twentieth task is cancelled while its step may run.
  const cancelled = keys.filter((_key, index) => index % 20 === 7)
  for (let turn = 0; turn < KILLS; turn++) {
    const before = workers.calls().length
    const more = 1 + ((turn * 37) % 20)
    while (workers.calls().length < before + more && (await left()) > 0) await pause(10)
    const key = cancelled[turn]
    if (key !== undefined) {
      await database.transaction(async (tx) => {
        await tx.query('SELECT FROM tasks WHERE task_id = $1 FOR NO KEY UPDATE', [key.taskId])
        await steps.cancelOpen(key, { tx })
      })
      await endTask(database, key, 'cancelled')
    }
    if (turn % 5 === 4) await workers.pauseOne()
    else await workers.killOne()
    await steps.recoverLost()
  }
  while ((await left()) > 0) await pause(50)
  await workers.stop()

  const calls = workers.calls()
  const twice = calls.length - new Set(calls).size
  if (twice > 0) problems.push(`${twice} calls were made twice`)
  const known = await database.query<{ effect_id: string; state: string }>(
    'SELECT effect_id, state FROM task_effects',
  )
  const made = new Set(calls)
  const unmade = known.rows.filter(({ effect_id: id, state }) => state === 'done' && !made.has(id))
  problems.push(...unmade.map(({ effect_id: id }) => `call ${id} is done and was never made`))
  const unknown = [...made].filter((id) => !known.rows.some((row) => row.effect_id === id))
  problems.push(...unknown.map((id) => `call ${id} was made and nobody knows of it`))
  const states = await database.query<{ state: string; steps: number; ends: number; runs: number }>(
    `SELECT s.state, count(*)::int AS steps, sum(s.runs)::int AS runs,
            sum((SELECT count(*) FROM outbox o WHERE o.subject = s.task_id AND o.event_type = 'task.step.done'))::int AS ends
       FROM task_steps s GROUP BY s.state`,
  )
  for (const { state, steps: count, ends } of states.rows) {
    if (state === 'done' ? ends !== count : ends !== 0)
      problems.push(`the ends of ${count} steps that are ${state} were told ${ends} times`)
  }
  const done = states.rows.find(({ state }) => state === 'done')
  if ((done?.steps ?? 0) < STEPS - cancelled.length) problems.push(`only ${done?.steps} steps are done`)
  const short = await countOf(
    `SELECT count(*) FROM task_steps s WHERE state = 'done' AND 3 <>
      (SELECT count(*) FROM task_effects e WHERE e.task_id = s.task_id AND e.state = 'done')`,
  )
  if (short > 0) problems.push(`${short} steps are done without their three calls`)
  console.log(`${WORKERS} services at once, killed or paused at any moment:`)
  console.table({
    'amid work': {
      steps: STEPS,
      kills: workers.kills,
      pauses: workers.pauses,
      runs: states.rows.reduce((sum, { runs }) => sum + runs, 0),
      ...Object.fromEntries(states.rows.map(({ state, steps: count }) => [state, count])),
      'calls made': calls.length,
      'calls uncertain': known.rows.filter(({ state }) => state === 'uncertain').length,
      'calls twice': twice,
    },
  })
}

try {
  await withScene(endAtEachAct)
  await withScene(endAmidWork)
} finally {
  await postgres.stop()
}
for (const problem of problems) console.error(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1
