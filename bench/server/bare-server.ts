import Fastify from 'fastify'
import type { z } from 'zod'
import { requestOf } from '../../examples/reference-server/src/http/routes/budget-orders.ts'
import { requestBody } from '../../examples/reference-server/src/http/routes/budget-schemas.ts'
import { decisionView } from '../../examples/reference-server/src/http/routes/budget-view.ts'
import { taskView } from '../../examples/reference-server/src/http/routes/task-view.ts'
import { openDatabase } from '../../examples/reference-server/src/open-database.ts'
import { codingTaskSchema } from '../../examples/reference-server/src/services/orchestrator/coding-task.ts'
import { assembleSharedParts } from '../../examples/reference-server/src/shared-parts.ts'
import { silentLogger, silentMetrics } from '../../packages/core/src/observability/index.ts'
import type { Principal } from '../../packages/core/src/security/index.ts'
import { BENCH_PROJECT, BENCH_TENANT } from './golden-server.ts'

const CALLER: Principal = { id: 'bench', kind: 'human', role: 'developer', tenantId: BENCH_TENANT }

/**
 * The least that answers the same calls: Fastify with the same schemas and the same writes, without anybody who asks who
 * calls, counts calls, bounds what comes or writes down what was done.
 */
export async function runBareServer(databaseUrl: string): Promise<void> {
  const { database } = await openDatabase({ url: databaseUrl, folder: '' }, silentLogger)
  const { budgets, intake } = await assembleSharedParts({
    database,
    logger: silentLogger,
    metrics: silentMetrics,
    tenantId: BENCH_TENANT,
    projectId: BENCH_PROJECT,
    projectLimitTokens: 2_000_000,
    taskLimitTokens: 40_000,
  })
  const app = Fastify({ logger: false })
  app.setValidatorCompiler(({ schema }) => {
    // The schemas of this file are zod's.
    const checked = schema as z.ZodType
    return (value: unknown) => {
      const result = checked.safeParse(value)
      return result.success ? { value: result.data } : { error: result.error }
    }
  })
  app.get('/health/ready', () => ({ status: 'healthy' }))
  app.post('/api/v1/budget/request', { schema: { body: requestBody } }, async (request) =>
    // What the schema let through.
    decisionView(await budgets.requestTokens(requestOf(CALLER, request.body as z.infer<typeof requestBody>))),
  )
  app.post('/api/v1/tasks', { schema: { body: codingTaskSchema } }, async (request, reply) => {
    // What the schema let through.
    const wanted = request.body as z.infer<typeof codingTaskSchema>
    const task = await intake.accept(BENCH_TENANT, wanted, { id: 'bench', kind: 'human' })
    return reply.status(202).send(taskView(task))
  })
  console.log(`The bare server listens on ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
  process.once('SIGTERM', () => process.exit(0))
}
