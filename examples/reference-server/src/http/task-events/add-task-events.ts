import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { FastifyInstance } from 'fastify'
import type { Authority } from '../access/access-hook.ts'
import { findTaskIn } from '../routes/find-task.ts'
import { type StreamLimits, StreamSlots } from './stream-slots.ts'
import { TaskEventFeed } from './task-event-feed.ts'
import { addTaskEventRoutes } from './task-event-routes.ts'
import type { SocketLimits } from './task-socket.ts'
import { addTaskSocketRoute } from './task-socket-route.ts'

/** What the live events of tasks work with. */
export interface TaskEventsOptions {
  readonly database: SqlDatabase
  readonly authority: Authority
  readonly logger: Logger
  /** Default the system clock. */
  readonly clock?: Clock
  /** Default: those of the module. */
  readonly limits?: Partial<TaskEventLimits>
}

/** What streams and sockets may take. */
export interface TaskEventLimits extends SocketLimits, StreamLimits {
  /** Milliseconds between two signs of life of a stream. */
  readonly heartbeatMs: number
}

const LIMITS: TaskEventLimits = Object.freeze({
  maxStreamsPerCaller: 20,
  maxStreamsPerTenant: 500,
  maxStreams: 1000,
  heartbeatMs: 15_000,
  authenticationMs: 10_000,
  slowMs: 30_000,
  maxLifeMs: 600_000,
  maxSubscriptions: 20,
  maxWaiting: 50,
})

/** Adds the stream of a task's events and the socket for those of many. All of them end when the app is closed. */
export async function addTaskEvents(app: FastifyInstance, options: TaskEventsOptions): Promise<void> {
  const { database, authority, logger, clock = systemClock } = options
  const limits = { ...LIMITS, ...options.limits }
  const feed = new TaskEventFeed({ database, logger, clock })
  const slots = new StreamSlots(limits)
  app.addHook('preClose', () => feed.close())
  addTaskEventRoutes(app, { feed, slots, findTask: findTaskIn(database), ...limits })
  await addTaskSocketRoute(app, { database, feed, slots, authority, clock, limits, logger })
}
