import { Readable } from 'node:stream'
import type { Task } from '@golden-arch/core/tasks'
import { isFinalStatus } from '@golden-arch/core/tasks'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { NO_CONTENT, routeSchema, textAnswer } from '../route-schema.ts'
import { type FindTask, taskParams } from '../routes/find-task.ts'
import { CURSOR_PATTERN, type EventCursor, formatCursor, parseCursor, START } from './event-cursor.ts'
import { HEARTBEAT, streamText } from './event-stream-text.ts'
import type { StreamSlots } from './stream-slots.ts'
import { isLastEvent } from './task-event.ts'
import type { TaskEventFeed } from './task-event-feed.ts'

/** What the stream of a task's events works with. */
export interface TaskEventRoutesOptions {
  readonly feed: TaskEventFeed
  readonly slots: StreamSlots
  readonly findTask: FindTask
  /** Milliseconds between two signs of life. */
  readonly heartbeatMs: number
  /** Milliseconds after which a stream ends, so that its client shows its token again. */
  readonly maxLifeMs: number
}

const schema = routeSchema({
  summary: 'Streams the events of a task',
  description:
    'Server-sent events from the creation of the task on, or from behind the `Last-Event-ID` of an earlier stream: none is missed over a break, whichever process answers. The stream ends after the event of a final status (a repeat then answers 204, at which browsers stop), and after ten minutes, when a client comes again with its token.',
  tags: ['tasks'],
  params: taskParams,
  headers: z.looseObject({
    'last-event-id': z.string().regex(CURSOR_PATTERN, 'an id that a stream gave').optional(),
  }),
  response: { 200: textAnswer('text/event-stream'), 204: NO_CONTENT, errors: [404] },
})

/** Adds `GET /api/v1/tasks/{id}/events` and its alias. */
export function addTaskEventRoutes(app: FastifyInstance, options: TaskEventRoutesOptions): void {
  const { feed, slots, findTask } = options
  const routes = app.withTypeProvider<ZodTypeProvider>()
  for (const prefix of ['/api/v1/tasks', '/tasks']) {
    routes.get(
      `${prefix}/:id/events`,
      // A client that waits for the end of a HEAD would wait for the end of the task.
      { config: { permission: 'task:read' }, schema, exposeHeadRoute: false },
      async (request, reply) => {
        const task = await findTask(request, 'task:read', request.params.id)
        const lastEventId = request.headers['last-event-id']
        const after = (lastEventId === undefined ? undefined : parseCursor(lastEventId)) ?? START
        if (isFinalStatus(task.status) && !(await feed.has(task, after))) {
          return reply.status(204).send()
        }
        const ended = endOf(reply)
        const release = slots.take(callerOf(request).principal)
        ended.addEventListener('abort', release)
        if (ended.aborted) release()
        const signal = AbortSignal.any([ended, AbortSignal.timeout(options.maxLifeMs)])
        void reply.header('x-accel-buffering', 'no').type('text/event-stream; charset=utf-8')
        return reply.send(Readable.from(messages(task, after, signal, options), { objectMode: false }))
      },
    )
  }
}

async function* messages(
  task: Task,
  after: EventCursor,
  signal: AbortSignal,
  { feed, heartbeatMs }: TaskEventRoutesOptions,
): AsyncGenerator<string, void, undefined> {
  // Proxies and clients learn at once that they are connected.
  yield HEARTBEAT
  const { tenantId, taskId } = task
  for await (const item of feed.read({ tenantId, taskId, after, idleMs: heartbeatMs, signal })) {
    if (item.kind === 'idle') {
      yield HEARTBEAT
      continue
    }
    const { event, cursor } = item
    yield streamText({ id: formatCursor(cursor), event: event.type, data: event })
    if (isLastEvent(event)) return
  }
}

/** Fires when the answer has ended, or its client has gone. */
function endOf({ raw }: FastifyReply): AbortSignal {
  const ended = new AbortController()
  if (raw.closed) ended.abort()
  else raw.once('close', () => ended.abort())
  return ended.signal
}
