import type { SqlDatabase } from '@golden-arch/core/storage'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { callerOf } from '../access/caller.ts'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { type Activity, activitySchema, readActivity } from './activity.ts'

const HOUR_MS = 3_600_000
const MAX_HOURS = 24 * 7
const STRETCH_COUNT = 48
const DEFAULT_HOURS = 24

const schema = routeSchema({
  summary: 'Tells what happened of late: tasks, spend, and how well it went',
  description:
    'In 48 stretches of time, the last of which holds now. Of the latest 20000 tasks and movements of budgets.',
  tags: ['system'],
  querystring: z.strictObject({ hours: z.coerce.number().int().min(1).max(MAX_HOURS).optional() }),
  response: { 200: activitySchema },
})

/** Adds `GET /api/v1/activity`. Those who ask the same while it is read share one reading. */
export function addActivityRoutes(
  app: FastifyInstance,
  { database }: { readonly database: SqlDatabase },
): void {
  const reading = new Map<string, Promise<Activity>>()
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/api/v1/activity', { config: { permission: 'task:read' }, schema }, async (request) => {
      const { tenantId } = callerOf(request).principal
      const stretchMs = ((request.query.hours ?? DEFAULT_HOURS) * HOUR_MS) / STRETCH_COUNT
      // Stretches begin at whole multiples of their length, so that a figure stays in its stretch from look to look.
      const last = Math.floor(Date.now() / stretchMs)
      const from = new Date((last - STRETCH_COUNT + 1) * stretchMs)
      const key = JSON.stringify([tenantId, stretchMs])
      const shared =
        reading.get(key) ??
        readActivity(database, { tenantId, from, stretchMs, stretchCount: STRETCH_COUNT }).finally(() =>
          reading.delete(key),
        )
      reading.set(key, shared)
      return shared
    })
}
