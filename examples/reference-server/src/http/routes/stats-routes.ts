import type { SqlDatabase } from '@golden-arch/core/storage'
import { TaskStore } from '@golden-arch/core/tasks'
import type { DeadLetterQueue } from '@golden-arch/messaging'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import type { BreakerBoard } from '../breaker-board.ts'
import { routeSchema } from '../route-schema.ts'
import { moneySchema } from './budget-schemas.ts'

/** What the routes of figures work with. */
export interface StatsRoutesOptions {
  readonly database: SqlDatabase
  readonly deadLetters: DeadLetterQueue
  readonly board: BreakerBoard
}

const count = z.int().min(0)
const statsSchema = z
  .strictObject({
    tasks: z.strictObject({ by_status: z.record(z.string(), count) }),
    escalations: z.strictObject({ open: count.describe('Not resolved.') }),
    dlq: z.strictObject({ unresolved: count }),
    budgets: z.strictObject({
      reserved: count.describe('Tokens held in the budgets of projects.'),
      used: count.describe('Tokens used in their present periods.'),
      money: z
        .array(z.strictObject({ reserved: moneySchema, used: moneySchema }))
        .describe('Of the same budgets, each currency by itself.'),
    }),
    breakers: z.strictObject({ open: count.describe('Of the system: those that let no call pass.') }),
  })
  .meta({ id: 'Stats' })
type Stats = z.infer<typeof statsSchema>

const schema = routeSchema({
  summary: 'Counts what the tenant has',
  tags: ['system'],
  response: { 200: statsSchema },
})

/** Adds `/stats`. Those who ask for one tenant while its figures are read share one reading. */
export function addStatsRoutes(app: FastifyInstance, options: StatsRoutesOptions): void {
  const reading = new Map<string, Promise<Stats>>()
  const read = (tenantId: string): Promise<Stats> => {
    const before = reading.get(tenantId)
    if (before !== undefined) return before
    const now = readStats(options, tenantId).finally(() => reading.delete(tenantId))
    reading.set(tenantId, now)
    return now
  }
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/stats', { config: { permission: 'task:read' }, schema }, (request) =>
      read(callerOf(request).principal.tenantId),
    )
}

async function readStats(options: StatsRoutesOptions, tenantId: string): Promise<Stats> {
  const { database, deadLetters, board } = options
  const [byStatus, letters, open, { rows }, money] = await Promise.all([
    new TaskStore().countByStatus(database, tenantId),
    deadLetters.count({ tenantId }),
    board.countOpen(),
    database.query<Record<'escalations' | 'reserved' | 'used', bigint | string>>(
      `SELECT (SELECT count(*) FROM escalations WHERE tenant_id = $1 AND status <> 'resolved') AS escalations,
              (SELECT coalesce(sum(reserved), 0) FROM budget_limits WHERE tenant_id = $1) AS reserved,
              (SELECT coalesce(sum(used), 0) FROM budget_limits WHERE tenant_id = $1) AS used`,
      [tenantId],
    ),
    readMoney(database, tenantId),
  ])
  const sums = rows[0]
  return {
    tasks: { by_status: byStatus },
    escalations: { open: Number(sums?.escalations ?? 0) },
    dlq: { unresolved: letters.unresolved },
    budgets: { reserved: Number(sums?.reserved ?? 0), used: Number(sums?.used ?? 0), money },
    breakers: { open },
  }
}

async function readMoney(database: SqlDatabase, tenantId: string): Promise<Stats['budgets']['money']> {
  const { rows } = await database.query<{ currency: string; reserved: bigint; used: bigint }>(
    `SELECT currency, sum(reserved_micros)::bigint AS reserved, sum(used_micros)::bigint AS used FROM budgets
      WHERE tenant_id = $1 AND project_id <> '' AND task_id = '' AND agent_id = '' AND currency IS NOT NULL
      GROUP BY currency ORDER BY currency`,
    [tenantId],
  )
  return rows.map(({ currency, reserved, used }) => ({
    reserved: { currency, micros: Number(reserved) },
    used: { currency, micros: Number(used) },
  }))
}
