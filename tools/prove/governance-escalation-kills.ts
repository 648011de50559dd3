/**
 * Proves on a PostgreSQL of its own that no escalation is lost, skips a level or goes up twice. First a supervisor is
 * killed right before each single step of an escalation's life, and another one goes on. Then several supervisors work
 * on many escalations at once and are killed at moments nobody chose, while people acknowledge. Each alert must have
 * been handed over at least once, always under the same key. Then lists of 100,000 escalations are read. Prints figures;
 * exit code 1 where something is lost or done twice. A first argument of 0 to 1 scales the numbers down.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@golden-arch/testkit'
import { SqlAuditLog } from '../../packages/core/src/audit/index.ts'
import { SqlEventOutbox } from '../../packages/core/src/events/index.ts'
import { EscalationStore } from '../../packages/governance/src/escalation/index.ts'
import {
  controlledClock,
  moveClock,
} from '../../packages/governance/src/escalation/testing/controlled-clock.ts'
import {
  CrashedLives,
  type CrashScene,
  openCrashScene,
} from '../../packages/governance/src/escalation/testing/crashed-lives.ts'
import { LIFE_POLICY } from '../../packages/governance/src/escalation/testing/escalation-life.ts'
import type { SupervisorSettings } from '../../packages/governance/src/escalation/testing/escalation-supervisor-process.ts'
import {
  addManyEscalations,
  ESCALATION_QUERIES,
  rowsReadFor,
} from '../../packages/governance/src/escalation/testing/many-escalations.ts'

const scale = Number(process.argv[2] ?? '1')
const ESCALATIONS = Math.max(20, Math.round(300 * scale))
const KILLS = Math.max(3, Math.round(24 * scale))
const ROWS = Math.max(20_000, Math.round(100_000 * scale))
const SUPERVISORS = 3
const MINUTE = 60_000
const SUPERVISOR = fileURLToPath(
  new URL(
    '../../packages/governance/src/escalation/testing/escalation-supervisor-process.ts',
    import.meta.url,
  ),
)

const postgres = await startPostgres()
const problems: string[] = []

async function withScene(run: (scene: CrashScene) => Promise<void>): Promise<void> {
  const scene = await openCrashScene(postgres.address)
  try {
    await run(scene)
  } finally {
    await scene.close()
  }
}

/** A kill before each step of one life. */
async function killAtEachStep(scene: CrashScene): Promise<void> {
  const lives = new CrashedLives(scene)
  const { steps, problems: undisturbed } = await lives.undisturbed()
  problems.push(...undisturbed)
  const table = new Map<string, { kills: number; wrong: number; 'alerts twice': number }>()
  const every = Math.max(1, Math.round(1 / scale))
  for (let index = 0; index < steps.length; index += every) {
    const stage = steps[index]?.split(':')[0] ?? ''
    const outcome = await lives.killedBefore(index + 1)
    problems.push(
      ...outcome.problems.map((one) => `killed before step ${index + 1}, ${steps[index]}: ${one}`),
    )
    const row = table.get(stage) ?? { kills: 0, wrong: 0, 'alerts twice': 0 }
    row.kills++
    row.wrong += outcome.problems.length
    row['alerts twice'] += outcome.handedTwice
    table.set(stage, row)
  }
  console.log(`an escalation's life has ${steps.length} steps; a supervisor was killed before each:`)
  console.table(Object.fromEntries(table))
}

/** Supervisors that are replaced as they are killed. */
class Supervisors {
  readonly #scene: CrashScene
  readonly #running: ChildProcess[] = []
  readonly #logs: string[] = []
  kills = 0

  constructor(scene: CrashScene) {
    this.#scene = scene
    for (let index = 0; index < SUPERVISORS; index++) this.#start()
  }

  async killOne(): Promise<void> {
    const [victim] = this.#running.splice(this.kills % SUPERVISORS, 1)
    if (victim === undefined) return
    this.kills++
    await end(victim)
    this.#start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map(end))
  }

  /** Each alert that was taken, as `kind key`. */
  taken(): readonly string[] {
    return this.#logs.flatMap((log) =>
      existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [],
    )
  }

  #start(): void {
    const alertLog = join(this.#scene.folder, `supervisor-${this.#logs.length}`)
    this.#logs.push(alertLog)
    const settings: SupervisorSettings = { pool: this.#scene.pool, alertLog }
    const args = ['--conditions=golden-arch-source', SUPERVISOR, JSON.stringify(settings)]
    this.#running.push(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }))
  }
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20)
}

/** Kills at moments nobody chose. */
async function killAmidWork(scene: CrashScene): Promise<void> {
  const { database } = scene
  const parts = { database, outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
  const store = new EscalationStore({ ...parts, policy: LIFE_POLICY, now: controlledClock })
  const tenantId = 'many'
  for (let index = 0; index < ESCALATIONS; index++) {
    const subject = { kind: 'review', id: `r-${index}` }
    await database.transaction((tx) =>
      store.report({ tenantId, subject, reason: 'no-quorum', severity: 'critical' }, { tx }),
    )
  }
  const countOf = async (text: string): Promise<number> =>
    Number((await database.query<{ count: bigint }>(text)).rows[0]?.count)
  const changes = (): Promise<number> =>
    countOf(
      `SELECT count(*) FROM outbox WHERE event_type IN ('escalation.levelRaised', 'escalation.repeated')`,
    )
  const isCalm = async (): Promise<boolean> =>
    (await countOf(`SELECT count(*) FROM escalations, controlled_clock WHERE due_at <= at`)) +
      (await countOf('SELECT count(*) FROM escalation_alerts')) ===
    0

  const supervisors = new Supervisors(scene)
  const stages = [0, 5, 10, 15]
  let isEveryoneDone = false
  const people = async (): Promise<void> => {
    // Every third escalation is taken on while its level is about to change.
    for (let index = 0; index < ESCALATIONS; index += 3) {
      const [one] = (await store.list({ tenantId, subject: { kind: 'review', id: `r-${index}` } })).items
      if (one === undefined) throw new Error(`r-${index} is lost`)
      await store.acknowledge({ ...one, actor: { id: 'ada', kind: 'human' } })
    }
    isEveryoneDone = true
  }
  let acknowledging: Promise<void> | undefined
  for (const [stage, minutes] of stages.entries()) {
    await moveClock(database, minutes * MINUTE)
    if (stage === 2) acknowledging = people()
    const wanted = Math.ceil((KILLS * (stage + 1)) / stages.length)
    while (supervisors.kills < wanted) {
      const before = (await changes()) + supervisors.taken().length
      const more = 3 + ((supervisors.kills * 37) % 30)
      await until(
        async () => (await changes()) + supervisors.taken().length >= before + more || (await isCalm()),
      )
      await supervisors.killOne()
    }
    await until(async () => (await isCalm()) && (stage !== 2 || isEveryoneDone))
  }
  await acknowledging
  await supervisors.stop()

  const { rows } = await database.query<{ id: string; events: string; status: string; alerts: number }>(
    `SELECT e.escalation_id AS id, e.status, e.alert_count AS alerts,
            string_agg(substr(o.event_type, 12), ' ' ORDER BY o.position) AS events
       FROM escalations e JOIN outbox o ON o.envelope -> 'data' ->> 'escalationId' = e.escalation_id
      GROUP BY e.tenant_id, e.escalation_id`,
  )
  const allowed = new Set([
    'open: raised levelRaised levelRaised repeated',
    'acknowledged: raised levelRaised acknowledged',
    'acknowledged: raised levelRaised levelRaised acknowledged',
  ])
  const wrong = rows.filter(({ status, events }) => !allowed.has(`${status}: ${events}`))
  problems.push(...wrong.map(({ id, status, events }) => `${id} is ${status} after ${events}`))
  if (rows.length !== ESCALATIONS) problems.push(`${rows.length} of ${ESCALATIONS} escalations are left`)
  const taken = supervisors.taken()
  const keys = new Set(taken.map((line) => line.split(' ')[1]))
  const due = rows.flatMap(({ id, alerts }) =>
    Array.from({ length: alerts }, (_, index) => `${id}/${index + 1}`),
  )
  const lost = due.filter((key) => !keys.has(key))
  problems.push(...lost.map((key) => `nobody was told ${key}`))
  if (new Set(taken).size !== keys.size || keys.size !== due.length)
    problems.push('an alert has another key or kind')
  console.log(`${SUPERVISORS} supervisors at once, killed at any moment:`)
  console.table({
    'amid work': {
      escalations: ESCALATIONS,
      kills: supervisors.kills,
      'level changes and repeats': await changes(),
      'wrong lives': wrong.length,
      alerts: due.length,
      'alerts lost': lost.length,
      'alerts handed over again': taken.length - keys.size,
    },
  })
}

/** What a page costs in a large table. */
async function readManyRows({ database }: CrashScene): Promise<void> {
  await addManyEscalations(database, ROWS)
  const table: Record<string, object> = {}
  for (const [name, filter, most] of ESCALATION_QUERIES) {
    const times: number[] = []
    let rows = 0
    for (let round = 0; round < 15; round++) {
      const startedAt = performance.now()
      rows = await rowsReadFor(database, filter)
      times.push(performance.now() - startedAt)
    }
    times.sort((a, b) => a - b)
    table[name] = { 'rows read': rows, 'median ms': Number(times[7]?.toFixed(1)) }
    if (rows > most) problems.push(`${name} reads ${rows} rows, ${most} would do`)
  }
  console.log(
    `pages of 19 among ${ROWS} escalations, each in a transaction of its own with two looks at the statistics:`,
  )
  console.table(table)
}

try {
  await withScene(killAtEachStep)
  await withScene(killAmidWork)
  await withScene(readManyRows)
} finally {
  await postgres.stop()
}
for (const problem of problems) console.log(`WRONG: ${problem}`)
if (problems.length > 0) process.exitCode = 1
