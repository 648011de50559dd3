import type { EventEnvelope } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { EventCursor } from './event-cursor.ts'
import type { OutboxLook } from './outbox-horizon.ts'
import { type TaskEvent, taskEvent } from './task-event.ts'

/** Which events somebody wants. */
export interface TaskEventFilter {
  readonly tenantId: string
  /** Absent: those of all tasks of the tenant. */
  readonly taskId?: string
  /** Those of tasks that this person made. Absent: of all. */
  readonly createdBy?: string
}

/** An event with its place in the outbox. */
export interface PlacedTaskEvent {
  readonly position: bigint
  readonly event: TaskEvent
}

/**
 * What of the outbox is visible now, and which transactions run, in one snapshot. The end of a snapshot is no later than the
 * first transaction that runs behind all that have ended: only a number taken after it is beyond every one that runs.
 */
export async function lookAtOutbox(database: SqlDatabase, known: bigint): Promise<OutboxLook> {
  const { rows } = await database.query<{ latest: bigint; oldest_running: bigint; next: bigint | null }>(
    `SELECT o.latest, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_running,
            CASE WHEN o.latest > $1::bigint THEN pg_current_xact_id()::text::bigint END AS next
       FROM (SELECT coalesce(max(position), 0) AS latest FROM outbox) AS o`,
    [known],
  )
  const { latest = 0n, oldest_running: oldestRunning = 0n, next = null } = rows[0] ?? {}
  return { latest, oldestRunning, next }
}

/** The tasks that have events behind `position`; undefined where there are more of them than `maxLength`. */
export async function tasksWithEvents(
  database: SqlDatabase,
  position: bigint,
  maxLength: number,
): Promise<readonly { readonly tenantId: string; readonly taskId: string }[] | undefined> {
  const { rows } = await database.query<{ tenant_id: string; subject: string }>(
    `SELECT DISTINCT tenant_id, subject FROM outbox
      WHERE position > $1::bigint AND event_type LIKE 'task.%' AND subject IS NOT NULL LIMIT $2::int`,
    [position, maxLength + 1],
  )
  if (rows.length > maxLength) return undefined
  return rows.map(({ tenant_id: tenantId, subject: taskId }) => ({ tenantId, taskId }))
}

/** The first events behind the cursor, in order of their places. */
export async function taskEventsAfter(
  database: SqlDatabase,
  filter: TaskEventFilter,
  { settled, delivered }: EventCursor,
  maxLength: number,
): Promise<readonly PlacedTaskEvent[]> {
  const { rows } = await database.query<{ position: bigint; envelope: EventEnvelope }>(
    `SELECT o.position, o.envelope FROM outbox o
      WHERE ${wanted(filter)} AND o.position <> ALL ($5::bigint[])
      ORDER BY o.position LIMIT $6::int`,
    [...valuesOf(filter), settled, delivered, maxLength],
  )
  return rows.map(({ position, envelope }) => ({ position, event: taskEvent(envelope) }))
}

/** The places of the newest events behind `position` that are visible now, rising. */
export async function newestTaskEvents(
  database: SqlDatabase,
  filter: TaskEventFilter,
  position: bigint,
  maxLength: number,
): Promise<readonly bigint[]> {
  const { rows } = await database.query<{ position: bigint }>(
    `SELECT o.position FROM outbox o WHERE ${wanted(filter)} ORDER BY o.position DESC LIMIT $5::int`,
    [...valuesOf(filter), position, maxLength],
  )
  return rows.map((row) => row.position).reverse()
}

/** Behind the place $4, by {@link valuesOf} the filter. */
function wanted({ taskId }: TaskEventFilter): string {
  return `o.tenant_id = $1 AND o.position > $4::bigint AND o.event_type LIKE 'task.%'
        ${taskId === undefined ? 'AND $2::text IS NULL' : 'AND o.subject = $2'}
        AND ($3::text IS NULL OR EXISTS (
              SELECT 1 FROM tasks t WHERE t.tenant_id = o.tenant_id AND t.task_id = o.subject AND t.created_by = $3))`
}

function valuesOf({ tenantId, taskId, createdBy }: TaskEventFilter): readonly (string | null)[] {
  return [tenantId, taskId ?? null, createdBy ?? null]
}
