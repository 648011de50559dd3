import { randomBytes } from 'node:crypto'
import {
  createPostgresSchema,
  describeWithService,
  type PostgresSchema,
  type StartedService,
  startNats,
} from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callServer, demoTask, signInAt } from '../testing/server-client.ts'
import { type ServerProcess, startServerProcess } from '../testing/server-process.ts'
import { expectTaskTrace, problemsOfTrace } from './testing/check-task-trace.ts'
import { startTraceCollector, type TraceCollector } from './testing/trace-collector.ts'

/** What a process may take on a machine that does much else; nothing here asks how long it took. */
const SLOW_MS = 300_000
const PASSWORD = 'a lantern for seven otters'
const MODEL = 'a-model'

describeWithService('postgres', 'processes that share PostgreSQL', (postgres) => {
  describeWithService('nats', 'and NATS', () => {
    let schema: PostgresSchema
    let nats: StartedService
    let collector: TraceCollector
    const processes: ServerProcess[] = []

    beforeAll(async () => {
      schema = await createPostgresSchema(postgres)
      // One of our own: the streams have the names that a server gives them.
      nats = await startNats()
      collector = await startTraceCollector()
    }, SLOW_MS)
    afterAll(async () => {
      for (const { child, exit } of processes) {
        child.kill('SIGKILL')
        await exit
      }
      await collector?.stop()
      await nats?.stop()
      await schema?.drop()
    }, SLOW_MS)

    it('tell one trace together, each under the name of its role', { timeout: SLOW_MS }, async () => {
      const url = new URL(postgres)
      url.searchParams.set('options', schema.poolConfig.options)
      const environment = {
        ...collector.environment,
        DATABASE_URL: url.href,
        NATS_URL: nats.address,
        JWT_SECRET: randomBytes(32).toString('hex'),
        ADMIN_PASSWORD: PASSWORD,
        MODEL_BASE_URL: 'scripted',
        MODEL_NAME: MODEL,
        RATE_LIMIT_INSTANCES: '1',
        RATE_LIMITS: 'admin=100000,anonymous=100000',
      }
      const start = (roles: string, ...args: readonly string[]): ServerProcess => {
        const server = startServerProcess({ ...environment, ROLES: roles }, ...args)
        processes.push(server)
        return server
      }
      const gateway = start('gateway', '--migrate')
      const address = await gateway.said(/listens on (\S+)/)
      const others = [
        start('orchestrator'),
        start('agent-runtime,peer-hub,supervisor'),
        start('sandbox-executor'),
      ]
      for (const one of others) await one.said(/Golden Architecture runs/)
      const token = await signInAt(address, 'admin', PASSWORD)
      const body = demoTask('line-diff')
      expect((await callServer(address, 'POST', '/api/v1/tasks', { token, body })).status).toBe(202)
      const statusOf = async (): Promise<unknown> =>
        (await callServer(address, 'GET', '/api/v1/tasks/line-diff', { token })).body?.status
      await expect.poll(statusOf, { timeout: SLOW_MS, interval: 200 }).toBe('completed')
      await expect
        .poll(() => problemsOfTrace(collector.spans), { timeout: SLOW_MS, interval: 200 })
        .toEqual([])
      for (const server of [gateway, ...others]) {
        server.child.kill('SIGTERM')
        expect(await server.exit, server.output()).toEqual({ code: 0, signal: null })
      }
      const trace = expectTaskTrace(collector.spans, MODEL)
      const serviceOf = (name: RegExp): unknown => trace.find((span) => name.test(span.name))?.service
      expect({
        request: serviceOf(/^POST /),
        look: serviceOf(/^look at task$/),
        call: serviceOf(/^chat /),
        execution: serviceOf(/^sandbox execution$/),
      }).toEqual({
        request: 'golden-architecture-gateway',
        look: 'golden-architecture-orchestrator',
        call: 'golden-architecture',
        execution: 'golden-architecture-sandbox-executor',
      })
    })
  })
})
