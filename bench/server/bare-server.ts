import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import type { z } from 'zod'
import { requestOf } from '../../examples/reference-server/src/http/routes/budget-orders.ts'
import { requestBody } from '../../examples/reference-server/src/http/routes/budget-schemas.ts'
import { decisionView } from '../../examples/reference-server/src/http/routes/budget-view.ts'
import { newTaskSchema } from '../../examples/reference-server/src/http/routes/task-routes.ts'
import { taskView } from '../../examples/reference-server/src/http/routes/task-view.ts'
import { openDatabase } from '../../examples/reference-server/src/open-database.ts'
import { assembleSharedParts } from '../../examples/reference-server/src/shared-parts.ts'
import { silentLogger, silentMetrics } from '../../packages/core/src/observability/index.ts'
import type { Principal } from '../../packages/core/src/security/index.ts'
import { BENCH_PROJECT, BENCH_TENANT } from './golden-server.ts'

const CALLER: Principal = { id: 'bench', kind: 'human', role: 'developer', tenantId: BENCH_TENANT }

/**
 * The least that answers the same calls: Fastify with the same schemas, and the same statements in the same transactions on
 * as many connections. Nobody asks who calls, counts calls, bounds what comes, tells or relays what was done.
 */
export async function runBareServer(databaseUrl: string): Promise<void> {
  const location = { url: databaseUrl, folder: '' }
  const { database } = await openDatabase(location, silentLogger, { migrates: true })
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
  app.setErrorHandler((error, _request, reply) => {
    // A server that fails fast must not look fast.
    console.error(error)
    return reply.status(500).send()
  })
  app.get('/health/ready', () => ({ status: 'healthy' }))
  app.post('/api/v1/budget/request', { schema: { body: requestBody } }, async (request) =>
    // What the schema let through.
    decisionView(await budgets.requestTokens(requestOf(CALLER, request.body as z.infer<typeof requestBody>))),
  )
  app.post('/api/v1/tasks', { schema: { body: newTaskSchema } }, async (request, reply) => {
    // What the schema let through.
    const { id = randomUUID(), ...wanted } = request.body as z.infer<typeof newTaskSchema>
    const task = await intake.accept(BENCH_TENANT, { id, ...wanted }, { id: 'bench', kind: 'human' })
    return reply.status(202).send(taskView(task))
  })
  console.log(`The bare server listens on ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
  process.once('SIGTERM', () => process.exit(0))
}
