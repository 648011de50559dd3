import type { SqlDatabase } from '@golden-arch/core/storage'
import { z } from 'zod'

const count = z.int().min(0)

/** How the work of a service stands, of all tenants and in all processes. */
export const serviceWorkSchema = z
  .strictObject({
    service: z.enum(['orchestrator', 'agent-runtime', 'peer-hub', 'sandbox-executor']),
    waiting: count.describe('What is due and nobody has in hand, 10000 at most.'),
    oldest_waiting_ms: count
      .nullable()
      .describe('How long the oldest of it has been due; null where nothing waits.'),
    running: count.describe('Steps in hand, 10000 at most.'),
    longest_running_ms: count
      .nullable()
      .describe('How long the longest of them has run; null where none does.'),
    lost: count.describe(
      'Steps of those whose process has not told for its lease that it lives: another takes them.',
    ),
    processes: count.describe('Processes that have steps in hand.'),
  })
  .meta({ id: 'ServiceWork', description: 'How the work of a service stands, in all its processes.' })

/** How the work of a service stands. */
export type ServiceWork = z.infer<typeof serviceWorkSchema>

/** More than anybody needs to see that too much waits. */
const MAX_COUNTED = 10_000
const STEP_SERVICES = ['agent-runtime', 'peer-hub', 'sandbox-executor'] as const

interface WorkRow {
  readonly service: ServiceWork['service']
  readonly waiting: bigint
  readonly oldest_ms: number | null
  readonly running: bigint
  readonly longest_ms: number | null
  readonly lost: bigint
  readonly processes: bigint
}

/** Reads how the work of each service stands. @throws StorageError by code. */
export async function readServiceWork(database: SqlDatabase): Promise<ServiceWork[]> {
  // statement_timestamp() and not clock_timestamp(): an index can be searched up to a value that stands still.
  const { rows } = await database.query<WorkRow>(
    `WITH running AS MATERIALIZED (
       SELECT service, lease_owner, due_at, deadline_at - make_interval(secs => timeout_ms::float8 / 1000) AS began_at
         FROM task_steps WHERE state = 'running' LIMIT $2)
     SELECT v.service, w.waiting, w.oldest_ms, r.running, r.longest_ms, r.lost, r.processes
       FROM unnest($1::text[]) AS v (service)
      CROSS JOIN LATERAL (
        SELECT count(*) AS waiting, ${age('min(due_at)')} AS oldest_ms FROM (
          SELECT due_at FROM task_steps
           WHERE service = v.service AND state IN ('requested', 'running') AND runs < max_runs
             AND due_at <= statement_timestamp() ORDER BY due_at LIMIT $2) AS s) AS w
      CROSS JOIN LATERAL (
        SELECT count(*) AS running, ${age('min(began_at)')} AS longest_ms,
               count(*) FILTER (WHERE due_at <= statement_timestamp()) AS lost,
               count(DISTINCT lease_owner) AS processes
          FROM running WHERE running.service = v.service) AS r
     UNION ALL
     SELECT 'orchestrator', count(*), ${age('min(wake_at)')}, 0, NULL, 0, 0 FROM (
       SELECT wake_at FROM tasks WHERE wake_at <= statement_timestamp() ORDER BY wake_at LIMIT $2) AS t`,
    [STEP_SERVICES, MAX_COUNTED],
  )
  return rows.map(({ oldest_ms, longest_ms, ...row }) => ({
    service: row.service,
    waiting: Number(row.waiting),
    oldest_waiting_ms: whole(oldest_ms),
    running: Number(row.running),
    longest_running_ms: whole(longest_ms),
    lost: Number(row.lost),
    processes: Number(row.processes),
  }))
}

function age(since: string): string {
  return `extract(epoch FROM statement_timestamp() - ${since})::float8 * 1000`
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.max(0, Math.round(ms))
}
