/**
 * Proves on a PostgreSQL of its own that limits and cooldowns hold while 50 proposals are made at once for each of the
 * five roles, in every round: half of the rounds meet the cooldown, half the limit of the day. No call may fail, with a
 * serialization failure or otherwise. Prints how long the calls waited; exit code 1 where a limit was broken.
 * Usage: node --conditions=golden-arch-source tools/prove/governance-contention.ts [rounds, default 20] [connections, default 20]
 */
import { createHistogram } from 'node:perf_hooks'
import { startPostgres } from '@golden-arch/testkit'
import {
  type ContentionRound,
  runContentionRound,
  setCooldowns,
} from '../../packages/governance/src/testing/learning-contention.ts'
import { openOnPostgres } from '../../packages/governance/src/testing/opened-governance.ts'

const PER_ROLE = 50
const ROLES = ['developer', 'reviewer', 'tester', 'security', 'architect'] as const
const LIMITS = { developer: 5, reviewer: 3, tester: 5, security: 0, architect: 0 } as const
const rounds = Number(process.argv[2] ?? 20)
const connections = Number(process.argv[3] ?? 20)
if (!Number.isSafeInteger(rounds) || rounds < 2) throw new RangeError('give 2 rounds or more')

const wrongs: string[] = []
const waits = createHistogram()
const told = new Map<string, number>()
const postgres = await startPostgres()
const opened = await openOnPostgres(postgres.address, connections)
try {
  for (let round = 0; round < rounds; round++) {
    const isCooling = round % 2 === 0
    await setCooldowns(opened.database, isCooling ? 2 : 0)
    check(round, await runContentionRound(opened.database, PER_ROLE, ROLES), isCooling)
  }
  const { rows } = await opened.database.query<{ deadlocks: bigint; rollbacks: bigint }>(
    'SELECT deadlocks, xact_rollback AS rollbacks FROM pg_stat_database WHERE datname = current_database()',
  )
  const calls = rounds * PER_ROLE * ROLES.length
  console.log(`${calls} proposals in ${rounds} rounds, 50 at once for each role, ${connections} connections`)
  console.table(Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1))))
  const [p50, p99, max] = [50, 99, 100].map((one) => (waits.percentile(one) / 1e6).toFixed(0))
  console.log(`from call to answer: median ${p50} ms, 99 % within ${p99} ms, longest ${max} ms`)
  console.log(`deadlocks: ${rows[0]?.deadlocks}; transactions rolled back: ${rows[0]?.rollbacks}`)
} finally {
  await opened.close()
  await postgres.stop()
}
for (const wrong of wrongs) console.log(`WRONG: ${wrong}`)
if (wrongs.length > 0) process.exitCode = 1

function check(
  round: number,
  { told: answers, applied, errors, tookMs }: ContentionRound,
  isCooling: boolean,
): void {
  for (const error of errors) wrongs.push(`round ${round}: a call failed with ${error}`)
  for (const ms of tookMs) waits.record(Math.max(1, Math.round(ms * 1e6)))
  for (const role of ROLES) {
    const limit = isCooling ? Math.min(1, LIMITS[role]) : LIMITS[role]
    const count = applied.get(role) ?? 0
    if (count !== limit) wrongs.push(`round ${round}: ${count} updates of ${role} are applied, not ${limit}`)
    if ((answers.get(role)?.get('applied') ?? 0) !== count)
      wrongs.push(`round ${round}: callers of ${role} were told otherwise`)
    for (const [answer, times] of answers.get(role) ?? []) told.set(answer, (told.get(answer) ?? 0) + times)
  }
}
