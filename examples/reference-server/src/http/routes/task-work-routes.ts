import type { SqlDatabase } from '@golden-arch/core/storage'
import { fixesOf } from '@golden-arch/core/tasks'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { findTaskIn, taskParams } from './find-task.ts'
import { callsOfTask, stepsOfTask, workSchema } from './task-work.ts'

const schema = routeSchema({
  summary: 'Shows what was done for a task: steps, calls and fixes',
  description: 'Of each, 1000 at most. Calls to models are told with what they were charged.',
  tags: ['tasks'],
  params: taskParams,
  response: { 200: workSchema, errors: [404] },
})

/** Adds `GET /api/v1/tasks/{id}/work`. */
export function addTaskWorkRoutes(
  app: FastifyInstance,
  { database }: { readonly database: SqlDatabase },
): void {
  const find = findTaskIn(database)
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/api/v1/tasks/:id/work', { config: { permission: 'task:read' }, schema }, async (request) => {
      const task = await find(request, 'task:read', request.params.id)
      const [steps, calls, fixes] = await Promise.all([
        stepsOfTask(database, task),
        callsOfTask(database, task),
        fixesOf(database, task),
      ])
      return {
        steps,
        calls,
        fixes: fixes.map(({ fix, guard, transition, outcome, ...one }) => ({
          fix,
          guard,
          transition,
          try: one.try,
          outcome,
          remediation_task_id: one.remediationTaskId,
          started_at: one.startedAt.toISOString(),
          ended_at: one.endedAt?.toISOString() ?? null,
        })),
      }
    })
}
