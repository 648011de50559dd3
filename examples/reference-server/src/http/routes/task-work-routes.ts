import type { SqlDatabase } from '@golden-arch/core/storage'
import { fixesOf } from '@golden-arch/core/tasks'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import '../access/route-access.ts'
import { routeSchema } from '../route-schema.ts'
import { moneySchema } from './budget-schemas.ts'
import { findTaskIn, taskParams } from './find-task.ts'
import { callsOfTask, stepsOfTask } from './task-work.ts'

const instant = z.iso.datetime()
const workSchema = z
  .strictObject({
    steps: z.array(
      z.strictObject({
        id: z.string().describe('The step and its attempt: generate:2.'),
        service: z.string(),
        state: z.enum(['requested', 'running', 'done', 'failed', 'cancelled']),
        runs: z.int().min(0),
        error: z.string().nullable().describe('Why the last run failed.'),
        requested_at: instant,
        ended_at: instant.nullable(),
      }),
    ),
    calls: z.array(
      z.strictObject({
        id: z.string(),
        step: z.string().nullable(),
        state: z.enum(['intended', 'done', 'uncertain']),
        agent_id: z.string().nullable(),
        model: z.string().nullable(),
        tokens: z.int().nullable().describe('Charged; held where the call is under way.'),
        cost: moneySchema.nullable().describe('Charged.'),
        started_at: instant,
        ended_at: instant.nullable(),
      }),
    ),
    fixes: z.array(
      z.strictObject({
        fix: z.string(),
        guard: z.string().describe('That refused the move.'),
        transition: z.string().describe('The move: executing>reviewing.'),
        try: z.int().min(1),
        outcome: z.enum(['started', 'succeeded', 'failed', 'refused']),
        remediation_task_id: z.string().nullable(),
        started_at: instant,
        ended_at: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'TaskWork', description: 'What was done for a task, each list the oldest first.' })

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
        steps: [...steps],
        calls: [...calls],
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
