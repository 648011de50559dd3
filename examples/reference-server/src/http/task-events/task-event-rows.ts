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

/** What of the outbox is visible now, and which transactions run, in one snapshot. */
export async function lookAtOutbox(database: SqlDatabase): Promise<OutboxLook> {
  const { rows } = await database.query<Record<'latest' | 'oldest_running' | 'next', bigint>>(
    `SELECT coalesce((SELECT max(position) FROM outbox), 0) AS latest,
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_running,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next`,
  )
  const { latest = 0n, oldest_running: oldestRunning = 0n, next = 0n } = rows[0] ?? {}
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
  { tenantId, taskId, createdBy }: TaskEventFilter,
  { settled, delivered }: EventCursor,
  maxLength: number,
): Promise<readonly PlacedTaskEvent[]> {
  const { rows } = await database.query<{ position: bigint; envelope: EventEnvelope }>(
    `SELECT o.position, o.envelope FROM outbox o
      WHERE o.tenant_id = $1 AND o.position > $2::bigint AND o.position <> ALL ($3::bigint[])
        AND o.event_type LIKE 'task.%' ${taskId === undefined ? 'AND $4::text IS NULL' : 'AND o.subject = $4'}
        AND ($5::text IS NULL OR EXISTS (
              SELECT 1 FROM tasks t WHERE t.tenant_id = o.tenant_id AND t.task_id = o.subject AND t.created_by = $5))
      ORDER BY o.position LIMIT $6::int`,
    [tenantId, settled, delivered, taskId ?? null, createdBy ?? null, maxLength],
  )
  return rows.map(({ position, envelope }) => ({ position, event: taskEvent(envelope) }))
}
