import { InvalidOptionError } from '@golden-arch/core/errors'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { z } from 'zod'
import type { limitsPageSchema } from './budget-answers.ts'

interface LimitRow {
  readonly project_id: string
  readonly total_limit: bigint | null
  readonly used: bigint
  readonly reserved: bigint
  readonly available: bigint | null
}

/** Which limits of projects, and how many. */
export interface LimitsPageOptions {
  readonly tenantId: string
  readonly limit: number
  /** The `next_cursor` of the page before. */
  readonly cursor: string | undefined
}

/** A page of the view `budget_limits`, by the names of projects. */
export async function readLimitsPage(
  database: SqlDatabase,
  { tenantId, limit, cursor }: LimitsPageOptions,
): Promise<z.infer<typeof limitsPageSchema>> {
  const { rows } = await database.query<LimitRow>(
    `SELECT project_id, total_limit, used, reserved, available FROM budget_limits
      WHERE tenant_id = $1 AND project_id > $2 ORDER BY project_id LIMIT $3::int`,
    [tenantId, cursor === undefined ? '' : projectOf(cursor), limit + 1],
  )
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)?.project_id
  return {
    limits: kept.map(({ project_id, total_limit, used, reserved, available }) => ({
      project_id,
      total_limit: total_limit === null ? null : Number(total_limit),
      used: Number(used),
      reserved: Number(reserved),
      available: available === null ? null : Number(available),
    })),
    next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
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
