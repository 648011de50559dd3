import type { EventEnvelope } from '@golden-arch/core/events'
import { isFinalStatus, TASK_STATUSES } from '@golden-arch/core/tasks'
import { z } from 'zod'

/** An event of a task as the API tells it. */
export interface TaskEvent {
  /** The same however often it is told. */
  readonly id: string
  /** Such as `task.created` or `task.transitioned`. */
  readonly type: string
  readonly task_id: string
  /** RFC 3339. */
  readonly time: string
  readonly data: unknown
}

/** An event of the outbox as the API tells it. */
export function taskEvent({ id, type, subject = '', time, data }: EventEnvelope): TaskEvent {
  return { id, type, task_id: subject, time, data }
}

const dataOfMove = z.looseObject({ to: z.enum(TASK_STATUSES) })

/** Whether the event says that its task has come to its end. */
export function isLastEvent({ data }: TaskEvent): boolean {
  const move = dataOfMove.safeParse(data)
  return move.success && isFinalStatus(move.data.to)
}
