import { z } from 'zod'
import { CURSOR_PATTERN } from './event-cursor.ts'
import type { TaskEvent } from './task-event.ts'

const taskId = z.string().min(1).max(256)

/** What a client may say on a socket. */
const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('authenticate'), token: z.string().min(1).max(8192) }),
  z.strictObject({
    type: z.literal('subscribe'),
    /** Absent: all tasks that the caller may see. */
    task_id: taskId.optional(),
    /** A cursor of an earlier event. Absent: a task from its creation on, all tasks from now on. */
    after: z.string().regex(CURSOR_PATTERN).optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), task_id: taskId.optional() }),
])

/** What a client may say on a socket. */
export type ClientMessage = z.infer<typeof clientMessageSchema>

/** What the server says on a socket. `task_id` null: all tasks. */
export type ServerMessage =
  | { readonly type: 'authenticated'; readonly role: string }
  | { readonly type: 'subscribed' | 'unsubscribed' | 'end'; readonly task_id: string | null }
  | {
      readonly type: 'event'
      readonly task_id: string | null
      readonly cursor: string
      readonly event: TaskEvent
    }
  | {
      readonly type: 'error'
      readonly error_code: string
      readonly message: string
      readonly task_id: string | null
    }

/** Why the server closes a socket, by code. */
export const CLOSE_CODES = {
  /** The server stops: connect to another. */
  stopping: 1001,
  /** The server cannot do its part at the moment. */
  unavailable: 1013,
  /** The time of the connection is over: connect again with a token. */
  over: 4000,
  badMessage: 4400,
  /** No good token in time. */
  unauthenticated: 4401,
  forbidden: 4403,
  /** The client does not take what it is sent, or does not answer pings. */
  tooSlow: 4408,
  tooMany: 4429,
} as const

/** Reads a message; undefined where it is none. */
export function readClientMessage(text: string): ClientMessage | undefined {
  try {
    const { success, data } = clientMessageSchema.safeParse(JSON.parse(text))
    return success ? data : undefined
  } catch {
    return undefined
  }
}
