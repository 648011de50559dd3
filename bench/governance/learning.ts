/**
 * Decisions on prompt updates of one role, many asked at once, side by side: `PromptGovernor`, with and without its audit
 * entries and events, beside the ways that suggest themselves for a table of updates: look, then insert under READ
 * COMMITTED; the same under SERIALIZABLE with retries; the same behind an advisory lock. Those write one row for an update;
 * the governor keeps versions, a label and a history as well. In each episode all callers ask at once for a role that
 * may take 5 updates. Contenders take turns in each round on one server; printed are medians over the rounds, how often a
 * limit was broken, and how many transactions had to be tried again.
 * Usage: node --conditions=golden-arch-source bench/governance/learning.ts [--rounds 5] [--episodes 20] [--callers 16]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '@golden-arch/testkit'
import { SqlAuditLog } from '../../packages/core/src/audit/index.ts'
import { isGoldenError } from '../../packages/core/src/errors/index.ts'
import { SqlEventOutbox } from '../../packages/core/src/events/index.ts'
import type { SqlTransaction, TransactionOptions } from '../../packages/core/src/storage/index.ts'
import { decideLearning } from '../../packages/governance/src/learning/decide-learning.ts'
import { LearningGovernance } from '../../packages/governance/src/learning/learning-governance.ts'
import { PromptGovernor } from '../../packages/governance/src/learning/prompt-governor.ts'
import { openOnPostgres } from '../../packages/governance/src/testing/opened-governance.ts'
import { parentOf, processorTimeOf } from '../processor-time.ts'
import { rounded } from '../rounded.ts'

const LIMIT = 5
const MAX_TRIES = 1000

/** Asks once; whether the update was applied. */
type Ask = (tenantId: string, call: number) => Promise<boolean>

interface Contender {
  readonly name: string
  readonly ask: Ask
}

interface Tally {
  readonly perSecond: number[]
  readonly cpuMicros: number[]
  episodes: number
  broken: number
  worst: number
  retries: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    episodes: { type: 'string', default: '20' },
    callers: { type: 'string', default: '16' },
  },
})
const [rounds, episodes, callers] = [Number(values.rounds), Number(values.episodes), Number(values.callers)]
if (!(rounds >= 1 && episodes >= 1 && callers > LIMIT))
  throw new RangeError(`more than ${LIMIT} callers, please`)

const server = await startPostgres()
const { database, close } = await openOnPostgres(server.address, callers)
let retries = 0
try {
  await database.script(`
    UPDATE learning_governance SET cooldown_hours = 0, max_updates_per_day = ${LIMIT};
    CREATE TABLE updates (tenant_id text NOT NULL, agent_role text NOT NULL, content text NOT NULL, applied_at timestamptz NOT NULL);
    CREATE INDEX updates_by_role ON updates (tenant_id, agent_role, applied_at)`)
  await compare([
    { name: 'PromptGovernor, audit and events', ask: governed(true) },
    { name: 'PromptGovernor', ask: governed(false) },
    { name: 'table, advisory lock', ask: checked({}, true) },
    { name: 'table, READ COMMITTED', ask: checked({}, false) },
    { name: 'table, SERIALIZABLE, retried', ask: checked({ isolation: 'serializable' }, false) },
  ])
} finally {
  await close()
  await server.stop()
}

function governed(isRecorded: boolean): Ask {
  const records = isRecorded ? { audit: new SqlAuditLog(), outbox: new SqlEventOutbox() } : {}
  const governor = new PromptGovernor({
    learning: new LearningGovernance({ database, lockTimeoutMs: 600_000, ...records }),
  })
  return async (tenantId, call) => {
    const decision = await governor.propose({
      tenantId,
      updateId: `u-${call}`,
      agentRole: 'developer',
      content: `Write tests first, ${call} of them.`,
      reason: 'measured',
      actor: { id: 'bench', kind: 'service' },
    })
    return decision.status === 'applied'
  }
}

function checked(options: TransactionOptions, isLocked: boolean): Ask {
  const tryOnce = (tenantId: string, call: number): Promise<boolean> =>
    database.transaction(async (tx) => {
      if (isLocked) await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [tenantId])
      if (!(await hasRoom(tx, tenantId))) return false
      await tx.query("INSERT INTO updates VALUES ($1, 'developer', $2, clock_timestamp())", [
        tenantId,
        `Write tests first, ${call} of them.`,
      ])
      return true
    }, options)
  return async (tenantId, call) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await tryOnce(tenantId, call)
      } catch (error) {
        if (!isGoldenError(error, 'SERIALIZATION_FAILURE') || attempt === MAX_TRIES) throw error
        retries++
      }
    }
  }
}

async function hasRoom(tx: SqlTransaction, tenantId: string): Promise<boolean> {
  const { rows } = await tx.query<{ now: Date; times: readonly Date[] }>(
    `SELECT clock_timestamp() AS now, coalesce(array_agg(applied_at), '{}') AS times FROM updates
      WHERE tenant_id = $1 AND agent_role = 'developer' AND applied_at > clock_timestamp() - interval '24 hours'`,
    [tenantId],
  )
  const { now, times } = rows[0] ?? { now: new Date(), times: [] }
  const state = decideLearning({
    rules: {
      agentRole: 'developer',
      maxUpdatesPerDay: LIMIT,
      cooldownHours: 0,
      requiresApproval: false,
      day: 'rolling',
      requiredApprovals: 1,
      requiresNotes: false,
      proposalTtlHours: 1,
    },
    history: times.map((appliedAt) => ({ kind: 'update', appliedAt })),
    isFrozen: false,
    now,
  })
  return state.status === 'can_auto_update'
}

async function compare(contenders: readonly Contender[]): Promise<void> {
  const { rows } = await database.query<{ pid: number; version: string }>(
    "SELECT pg_backend_pid() AS pid, current_setting('server_version') AS version",
  )
  const postmaster = parentOf(rows[0]?.pid ?? 0)
  const serverPids = postmaster === undefined ? [] : [postmaster]
  const tallies = new Map(contenders.map(({ name }) => [name, newTally()]))
  for (let round = -1; round < rounds; round++) {
    for (const [index, { name, ask }] of contenders.entries()) {
      // The round before the first warms up.
      const tally = round < 0 ? newTally() : (tallies.get(name) ?? newTally())
      await measure(ask, tally, `${index}-${round}`, serverPids)
    }
  }
  console.log(
    `${callers} callers at once, limit ${LIMIT}, ${episodes} episodes in each of ${rounds} rounds; ` +
      `PostgreSQL ${rows[0]?.version}, ${cpus().length} processors`,
  )
  const own = [...tallies.values()][0] ?? newTally()
  console.table(Object.fromEntries([...tallies].map(([name, tally]) => [name, lineOf(tally, own)])))
}

async function measure(ask: Ask, tally: Tally, label: string, serverPids: readonly number[]): Promise<void> {
  retries = 0
  const cpuBefore = processorTimeOf(serverPids)
  const startedAt = performance.now()
  for (let episode = 0; episode < episodes; episode++) {
    const calls = Array.from({ length: callers }, (_, call) => ask(`t-${label}-${episode}`, call))
    const applied = (await Promise.all(calls)).filter(Boolean).length
    tally.episodes++
    if (applied !== LIMIT) tally.broken++
    tally.worst = Math.max(tally.worst, applied)
  }
  const decisions = episodes * callers
  tally.perSecond.push((decisions * 1000) / (performance.now() - startedAt))
  tally.cpuMicros.push((processorTimeOf(serverPids) - cpuBefore) / decisions)
  tally.retries += retries
}

function newTally(): Tally {
  return { perSecond: [], cpuMicros: [], episodes: 0, broken: 0, worst: 0, retries: 0 }
}

function lineOf(tally: Tally, own: Tally): object {
  return {
    'decisions/s': rounded(median(tally.perSecond)),
    'CPU µs each': rounded(median(tally.cpuMicros)),
    'CPU, ratio': rounded(median(tally.cpuMicros) / median(own.cpuMicros)),
    'limits broken': `${tally.broken} of ${tally.episodes}`,
    'most applied': `${tally.worst} of ${LIMIT}`,
    'tried again (40001)': tally.retries,
  }
}

function median(figures: readonly number[]): number {
  return [...figures].sort((left, right) => left - right)[Math.floor(figures.length / 2)] ?? Number.NaN
}
