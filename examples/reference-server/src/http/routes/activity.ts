import type { SqlDatabase } from '@golden-arch/core/storage'
import type { TaskStatus } from '@golden-arch/core/tasks'
import { z } from 'zod'
import { moneySchema } from './budget-schemas.ts'

const count = z.int().min(0)
const share = z.number().min(0).max(1).nullable()

/** What happened of late. Its tasks are those that were asked for, not the parts and remedies of others. */
export const activitySchema = z
  .strictObject({
    stretch_ms: count,
    stretches: z.array(
      z.strictObject({
        starts_at: z.iso.datetime(),
        created: count,
        completed: count,
        failed: count,
        cancelled: count,
        open: count.describe('Tasks that had not ended at its end.'),
        tokens: count.describe('Charged in it.'),
        costs: z.array(moneySchema).describe('Charged in it, each currency by itself.'),
      }),
    ),
    completion_share: share.describe('Of the tasks that completed or failed; null where none did.'),
    review_p95_ms: count
      .nullable()
      .describe('What 95 of 100 rounds of review took at most; null where none was closed.'),
    sandbox_timeout_share: share.describe('Of the tests that sandboxes ran; null where none did.'),
  })
  .meta({ id: 'Activity', description: 'What happened of late, in stretches of time of one length.' })

/** What happened of late. */
export type Activity = z.infer<typeof activitySchema>
type ActivityStretch = Activity['stretches'][number]

/** Of which time, in how many stretches. */
export interface ActivityRange {
  readonly tenantId: string
  readonly from: Date
  readonly stretchMs: number
  readonly stretchCount: number
}

/** What is read of each table at most, the latest: however much there is, the answer takes no longer. */
const MAX_ROWS = 20_000

interface TaskCountRow {
  readonly place: number
  readonly status: TaskStatus | 'created'
  readonly count: bigint
}
interface SpendRow {
  readonly place: number
  readonly tokens: bigint
  readonly micros: bigint
  /** Null: counted in tokens alone. */
  readonly currency: string | null
}
interface LevelRow {
  readonly p95: number | null
  readonly ran: bigint
  readonly late: bigint
}

/** Reads what happened of late: of the latest 20000 tasks, movements of budgets, steps and rounds of review. */
export async function readActivity(database: SqlDatabase, range: ActivityRange): Promise<Activity> {
  const [tasks, spend, levels, openNow] = await Promise.all([
    countTasks(database, range),
    sumSpend(database, range),
    readLevels(database, range),
    countOpen(database, range),
  ])
  const stretches = stretchesOf(range, tasks, spend, openNow)
  const total = (of: 'completed' | 'failed'): number => stretches.reduce((sum, one) => sum + one[of], 0)
  const ended = total('completed') + total('failed')
  return {
    stretch_ms: range.stretchMs,
    stretches,
    completion_share: ended === 0 ? null : total('completed') / ended,
    review_p95_ms: levels?.p95 == null ? null : Math.round(levels.p95),
    sandbox_timeout_share:
      levels === undefined || levels.ran === 0n ? null : Number(levels.late) / Number(levels.ran),
  }
}

/** Walks back from what is open now, so that each stretch says what was open at its end. */
function stretchesOf(
  { from, stretchMs, stretchCount }: ActivityRange,
  tasks: readonly TaskCountRow[],
  spend: readonly SpendRow[],
  openNow: number,
): ActivityStretch[] {
  const countOf = (place: number, status: TaskCountRow['status']): number =>
    Number(tasks.find((row) => row.place === place && row.status === status)?.count ?? 0n)
  const stretches: ActivityStretch[] = []
  let open = openNow
  for (let place = stretchCount - 1; place >= 0; place -= 1) {
    const spent = spend.filter((row) => row.place === place)
    const stretch = {
      starts_at: new Date(from.getTime() + place * stretchMs).toISOString(),
      created: countOf(place, 'created'),
      completed: countOf(place, 'completed'),
      failed: countOf(place, 'failed'),
      cancelled: countOf(place, 'cancelled'),
      open: Math.max(0, open),
      tokens: spent.reduce((sum, { tokens }) => sum + Number(tokens), 0),
      costs: spent.flatMap(({ currency, micros }) =>
        currency === null ? [] : [{ currency, micros: Number(micros) }],
      ),
    }
    stretches.unshift(stretch)
    open += stretch.completed + stretch.failed + stretch.cancelled - stretch.created
  }
  return stretches
}

const PLACE = (column: string): string =>
  `floor(extract(epoch FROM ${column} - $2::timestamptz) * 1000 / $3::double precision)::int`

async function countTasks(
  database: SqlDatabase,
  { tenantId, from, stretchMs }: ActivityRange,
): Promise<readonly TaskCountRow[]> {
  const { rows } = await database.query<TaskCountRow>(
    `WITH latest AS (SELECT status, kind, created_at, updated_at FROM tasks
                      WHERE tenant_id = $1 AND depth >= 0 ORDER BY position DESC LIMIT ${MAX_ROWS})
     SELECT ${PLACE('created_at')} AS place, 'created' AS status, count(*) AS count FROM latest
      WHERE kind = 'root' AND created_at >= $2::timestamptz GROUP BY 1
     UNION ALL
     SELECT ${PLACE('updated_at')}, status, count(*) FROM latest
      WHERE kind = 'root' AND updated_at >= $2::timestamptz AND status IN ('completed', 'failed', 'cancelled') GROUP BY 1, 2`,
    [tenantId, from, stretchMs],
  )
  return rows
}

async function countOpen(database: SqlDatabase, { tenantId }: ActivityRange): Promise<number> {
  const { rows } = await database.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM tasks
      WHERE tenant_id = $1 AND kind = 'root' AND status NOT IN ('completed', 'failed', 'cancelled')`,
    [tenantId],
  )
  return Number(rows[0]?.count ?? 0n)
}

async function sumSpend(
  database: SqlDatabase,
  { tenantId, from, stretchMs }: ActivityRange,
): Promise<readonly SpendRow[]> {
  const { rows } = await database.query<SpendRow>(
    `WITH latest AS (SELECT kind, tokens, micros, currency, at FROM budget_transactions
                      WHERE tenant_id = $1 ORDER BY transaction_id DESC LIMIT ${MAX_ROWS})
     SELECT ${PLACE('at')} AS place, sum(tokens)::bigint AS tokens, sum(micros)::bigint AS micros,
            currency
       FROM latest WHERE at >= $2::timestamptz AND kind IN ('committed', 'late')
      GROUP BY 1, currency ORDER BY currency`,
    [tenantId, from, stretchMs],
  )
  return rows
}

async function readLevels(
  database: SqlDatabase,
  { tenantId, from }: ActivityRange,
): Promise<LevelRow | undefined> {
  const { rows } = await database.query<LevelRow>(
    `WITH rounds AS (SELECT opened_at, closed_at FROM peer_reviews
                      WHERE tenant_id = $1 ORDER BY position DESC LIMIT ${MAX_ROWS}),
          runs AS (SELECT s.result
                     FROM (SELECT task_id FROM tasks WHERE tenant_id = $1 AND depth >= 0
                            ORDER BY position DESC LIMIT 1000) t
                     JOIN task_steps s ON s.tenant_id = $1 AND s.task_id = t.task_id
                    WHERE s.service = 'sandbox-executor' AND s.state = 'done' AND s.ended_at >= $2::timestamptz)
     SELECT (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - opened_at) * 1000)
               FROM rounds WHERE closed_at >= $2::timestamptz) AS p95,
            (SELECT coalesce(sum((result->>'total')::bigint), 0)::bigint FROM runs) AS ran,
            (SELECT coalesce(sum((result->>'timedOut')::bigint), 0)::bigint FROM runs) AS late`,
    [tenantId, from],
  )
  return rows[0]
}
