import { InvalidOptionError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { z } from 'zod'
import type { limitsPageSchema } from './budget-answers.ts'

interface LimitRow {
  readonly project_id: string
  readonly limit_tokens: bigint | null
  readonly used_tokens: bigint
  readonly reserved_tokens: bigint
  readonly currency: string | null
  readonly limit_micros: bigint | null
  readonly used_micros: bigint
  readonly reserved_micros: bigint
}

/** Which limits of projects, and how many. */
export interface LimitsPageOptions {
  readonly tenantId: string
  readonly limit: number
  /** The `next_cursor` of the page before. */
  readonly cursor: string | undefined
}

/** A page of what the view `budget_limits` tells, and of money, by the names of projects. */
export async function readLimitsPage(
  database: SqlDatabase,
  { tenantId, limit, cursor }: LimitsPageOptions,
): Promise<z.infer<typeof limitsPageSchema>> {
  const { rows } = await database.query<LimitRow>(
    `SELECT project_id, limit_tokens, used_tokens, reserved_tokens, currency, limit_micros, used_micros, reserved_micros
       FROM budgets WHERE tenant_id = $1 AND project_id > $2 AND task_id = '' AND agent_id = '' ORDER BY project_id LIMIT $3::int`,
    [tenantId, cursor === undefined ? '' : projectOf(cursor), limit + 1],
  )
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)?.project_id
  return {
    limits: kept.map((row) => ({
      project_id: row.project_id,
      total_limit: row.limit_tokens === null ? null : Number(row.limit_tokens),
      used: Number(row.used_tokens),
      reserved: Number(row.reserved_tokens),
      available:
        row.limit_tokens === null ? null : Number(row.limit_tokens - row.used_tokens - row.reserved_tokens),
      money: moneyOf(row),
    })),
    next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  }
}

function moneyOf(row: LimitRow): z.infer<typeof limitsPageSchema>['limits'][number]['money'] {
  const { currency, limit_micros: limit, used_micros: used, reserved_micros: reserved } = row
  if (currency === null) return null
  const amount = (micros: bigint): { currency: string; micros: number } => ({
    currency,
    micros: Number(micros),
  })
  return {
    limit: limit === null ? null : amount(limit),
    used: amount(used),
    reserved: amount(reserved),
    available: limit === null ? null : amount(limit - used - reserved),
  }
}

/** Names of projects may hold any letter; a cursor is plain in a URL. */
function cursorOf(projectId: string): string {
  return Buffer.from(projectId, 'utf8').toString('base64url')
}

function projectOf(cursor: string): string {
  const projectId = Buffer.from(cursor, 'base64url').toString('utf8')
  if (cursorOf(projectId) === cursor && !projectId.includes('\0')) return projectId
  throw new InvalidOptionError('cursor', 'the next_cursor of a page', cursor)
}
