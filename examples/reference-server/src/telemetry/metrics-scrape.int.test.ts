import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { METRICS, silentLogger } from '@golden-arch/core/observability'
import {
  createPostgresSchema,
  describeWithService,
  type PostgresSchema,
  type StartedService,
  startNats,
  startRedis,
} from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfiguration } from '../configuration.ts'
import { type OpenedContext, openServerContext } from '../open-server-context.ts'
import { type RunningServer, serveWith } from '../serve.ts'
import { callServer, demoTask } from '../testing/server-client.ts'
import { provokeEvents } from './testing/provoke-events.ts'

/** What a server may take on a machine that does much else; nothing here asks how long it took. */
const SLOW_MS = 300_000
const PATIENT = { timeout: SLOW_MS, interval: 200 }
const PASSWORD = 'a lantern for seven otters'

/** What only sandboxes of Docker do; the tests of that backend count it. */
const DOCKERS_OWN = [METRICS.sandboxEgressConnections.name, METRICS.sandboxOrphansReaped.name]

describeWithService('postgres', 'a server with PostgreSQL', (postgres) => {
  describeWithService('redis', 'Redis', () => {
    describeWithService('nats', 'and NATS', () => {
      let schema: PostgresSchema
      let redis: StartedService
      let nats: StartedService
      let receiver: Server
      let opened: OpenedContext
      let server: RunningServer
      let isRedisThere = true

      beforeAll(async () => {
        schema = await createPostgresSchema(postgres)
        redis = await startRedis()
        nats = await startNats()
        receiver = createServer((request, response) => {
          request.resume().once('end', () => response.writeHead(204).end())
        })
        await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
        // A TCP server that listens has an AddressInfo.
        const { port } = receiver.address() as AddressInfo
        const url = new URL(postgres)
        url.searchParams.set('options', schema.poolConfig.options)
        const configuration = readConfiguration({
          DATABASE_URL: url.href,
          REDIS_URL: redis.address,
          NATS_URL: nats.address,
          MIGRATE: 'true',
          PORT: '0',
          METRICS_PORT: '0',
          JWT_SECRET: randomBytes(32).toString('hex'),
          ADMIN_PASSWORD: PASSWORD,
          MODEL_BASE_URL: 'scripted',
          ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
          ALERT_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
          RATE_LIMITS: 'admin=100000,observer=100000,anonymous=100000',
          START_TIMEOUT_MS: String(SLOW_MS),
        })
        opened = await openServerContext(configuration, silentLogger)
        server = await serveWith(opened, configuration)
      }, SLOW_MS)
      afterAll(async () => {
        await server?.stop()
        if (isRedisThere) await redis?.stop()
        await nats?.stop()
        receiver?.closeAllConnections()
        receiver?.close()
        await schema?.drop()
      }, SLOW_MS)

      const scrape = async (): Promise<string> => (await fetch(`${server.watchAddress}/metrics`)).text()

      it('tells each metric of the catalogue with a sample, once what it counts has happened, and those of its process', {
        timeout: SLOW_MS * 2,
      }, async () => {
        const address = server.address ?? ''
        const token = await signedIn(address)
        const call = (method: string, path: string, body?: unknown): ReturnType<typeof callServer> =>
          callServer(address, method, path, { token, ...(body === undefined ? {} : { body }) })
        const statusOf = async (id: string): Promise<unknown> =>
          (await call('GET', `/api/v1/tasks/${id}`)).body?.status
        const unknown = { ...demoTask('line-diff'), id: 'unknown', title: 'test; DROP TABLE users;' }
        for (const task of [demoTask('line-diff'), demoTask('title-slug'), unknown]) {
          expect(await call('POST', '/api/v1/tasks', task)).toMatchObject({ status: 202 })
        }
        await expect.poll(() => statusOf('line-diff'), PATIENT).toBe('completed')
        await expect.poll(() => statusOf('title-slug'), PATIENT).toBe('completed')
        await expect.poll(() => statusOf('unknown'), PATIENT).toBe('escalated')
        await provokeEvents({ context: opened.context, address, call, patience: PATIENT })
        await redis.stop()
        isRedisThere = false
        // What is ordered now cannot be shared.
        await call('POST', '/api/v1/circuit-breakers/reset_all').catch(() => undefined)
        await expect.poll(async () => missingIn(await scrape()), PATIENT).toEqual(DOCKERS_OWN)
        const text = await scrape()
        expect(text).toMatch(/^process_cpu_seconds_total /m)
        expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
        for (const { name, kind } of Object.values(METRICS)) {
          if (!DOCKERS_OWN.includes(name)) expect(text).toContain(`# TYPE ${name} ${kind}`)
        }
      })
    })
  })
})

/** Signs in, as soon as the server can say who is who; the token. */
async function signedIn(address: string): Promise<string> {
  const body = { username: 'admin', password: PASSWORD }
  let token: unknown
  const signIn = async (): Promise<number> => {
    const answer = await callServer(address, 'POST', '/api/v1/auth/login', { body })
    token = answer.body?.token
    return answer.status
  }
  await expect.poll(signIn, PATIENT).toBe(200)
  return String(token)
}

/** The names of the catalogue that have no sample. */
function missingIn(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  const sampled = new Set(lines.map((line) => line.split(/[{ ]/, 1)[0]))
  return Object.values(METRICS)
    .filter(({ kind, name }) => !sampled.has(kind === 'histogram' ? `${name}_count` : name))
    .map(({ name }) => name)
    .sort()
}
