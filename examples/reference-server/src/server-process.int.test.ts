import { randomBytes } from 'node:crypto'
import { silentLogger } from '@golden-arch/core/observability'
import {
  createPostgresSchema,
  describeWithService,
  type PostgresSchema,
  type StartedService,
  startNats,
  startPostgres,
  startRedis,
} from '@golden-arch/testkit'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from './open-database.ts'
import { SERVER_ROLES } from './server-role.ts'
import type { Answer } from './testing/assembled-server.ts'
import { startCutOffServer } from './testing/cut-off-server.ts'
import { type HeldModel, startHeldModel } from './testing/held-model.ts'
import { callServer, demoTask, signInAt } from './testing/server-client.ts'
import { type ServerEnvironment, type ServerProcess, startServerProcess } from './testing/server-process.ts'

const PASSWORD = 'a lantern for seven otters'
/** What a process may take on a machine that does much else; nothing here asks how long it took. */
const SLOW_MS = 300_000
/** What a pool with its own parsers gives for counts. */
const UNHEARD_NONE = { waiting: '0', unwritten: '0' }
const LISTENS = /listens on (\S+)/
const WATCHED = /Metrics and health: (\S+)/

describeWithService('postgres', 'a server as processes', (postgres) => {
  describeWithService('redis', 'beside Redis', () => {
    describeWithService('nats', 'and NATS', () => {
      let schema: PostgresSchema
      let pool: pg.Pool
      let redis: StartedService
      let nats: StartedService
      let environment: ServerEnvironment
      const processes: ServerProcess[] = []

      const start = (more: ServerEnvironment = {}, ...args: readonly string[]): ServerProcess => {
        const server = startServerProcess({ ...environment, ...more }, ...args)
        processes.push(server)
        return server
      }
      const stop = async (server: ServerProcess): Promise<void> => {
        server.child.kill('SIGTERM')
        expect(await server.exit, server.output()).toEqual({ code: 0, signal: null })
      }
      const until = (read: () => Promise<unknown>, wanted: unknown): Promise<void> =>
        expect.poll(read, { timeout: SLOW_MS, interval: 200 }).toEqual(wanted)
      const statusOf = (path: string, watch: string): Promise<number> =>
        callServer(watch, 'GET', path).then(
          ({ status }) => status,
          () => 0,
        )
      const signedIn = async (
        address: string,
      ): Promise<(method: string, path: string, body?: unknown) => Promise<Answer>> => {
        const token = await signInAt(address, 'admin', PASSWORD)
        return (method, path, body) => callServer(address, method, path, { token, body })
      }

      const eventsUnheard = async (): Promise<unknown> => {
        const { rows } = await pool.query(
          `SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS waiting,
                  (SELECT count(*) FROM outbox AS o
                    WHERE o.event_type LIKE 'budget.%'
                      AND NOT EXISTS (SELECT 1 FROM audit_log AS a WHERE a.resource = 'event/' || o.event_id)) AS unwritten`,
        )
        return rows[0]
      }

      beforeEach(async () => {
        schema = await createPostgresSchema(postgres)
        pool = new pg.Pool({ ...schema.poolConfig, max: 1 })
        // Servers of its own: their streams and keys have the names that a server gives them, and some are killed here.
        redis = await startRedis()
        nats = await startNats()
        const url = new URL(postgres)
        url.searchParams.set('options', schema.poolConfig.options)
        environment = {
          DATABASE_URL: url.href,
          REDIS_URL: redis.address,
          NATS_URL: nats.address,
          JWT_SECRET: randomBytes(32).toString('hex'),
          ADMIN_PASSWORD: PASSWORD,
          MODEL_BASE_URL: 'scripted',
          RATE_LIMITS: 'admin=100000,anonymous=100000',
        }
      }, SLOW_MS)
      afterEach(async () => {
        for (const server of processes.splice(0)) {
          server.child.kill('SIGKILL')
          await server.exit
        }
        await redis?.stop()
        await nats?.stop()
        await pool?.end()
        await schema?.drop()
      }, SLOW_MS)

      it('refuses a schema that is behind, naming what waits, and two at once bring it up to date', {
        timeout: SLOW_MS,
      }, async () => {
        const other = await createPostgresSchema(postgres)
        const url = new URL(postgres)
        url.searchParams.set('options', other.poolConfig.options)
        const behind = start({ DATABASE_URL: url.href })
        expect(await behind.exit).toEqual({ code: 1, signal: null })
        expect(behind.output()).toMatch(/migrations wait: 001 events, .*npm run migrate -- up/)
        const both = [1, 2].map(() => start({ DATABASE_URL: url.href }, '--migrate'))
        await Promise.all(both.map((server) => server.said(LISTENS)))
        await Promise.all(both.map(stop))
        const after = start({ DATABASE_URL: url.href })
        await after.said(LISTENS)
        await stop(after)
        await other.drop()
      })

      it('brings a task to its end with each role in a process of its own', {
        timeout: 2 * SLOW_MS,
      }, async () => {
        const first = start({}, '--migrate', '--roles', 'supervisor')
        await first.said(/runs supervisor/)
        const others = SERVER_ROLES.filter((role) => role !== 'supervisor').map((role) =>
          start({}, '--roles', role),
        )
        const all = [first, ...others]
        for (const server of all) {
          const watch = await server.said(WATCHED)
          await until(() => statusOf('/health/ready', watch), 200)
        }
        const [gateway] = others
        if (gateway === undefined) throw new Error('no gateway')
        const call = await signedIn(await gateway.said(LISTENS))
        expect((await call('GET', '/health')).body).toEqual({
          status: 'healthy',
          components: { api: 'healthy', database: 'healthy', redis: 'healthy', nats: 'healthy' },
        })
        await call('POST', '/api/v1/tasks', demoTask('line-diff'))
        await until(async () => (await call('GET', '/api/v1/tasks/line-diff')).body?.status, 'completed')
        // What people ask in SQL without a tenant, such as can_auto_update_prompt(role), is asked of this one.
        const { rows } = await pool.query('SELECT DISTINCT tenant_id FROM users')
        expect(rows).toEqual([{ tenant_id: 'default' }])
        // From an outbox through NATS into the audit log, which another process writes and links.
        await until(eventsUnheard, UNHEARD_NONE)
        await Promise.all(all.map(stop))
      })

      it('told to stop gives back the call that it waits for, and the next process completes the task', {
        timeout: 2 * SLOW_MS,
      }, async () => {
        const model: HeldModel = await startHeldModel()
        try {
          const told = { MODEL_BASE_URL: model.baseUrl, MODEL_API_KEY: model.apiKey, MODEL_NAME: 'scripted' }
          const first = start(told, '--migrate')
          const call = await signedIn(await first.said(LISTENS))
          await call('POST', '/api/v1/tasks', demoTask('expression-evaluator'))
          await model.held
          await stop(first)
          model.open()
          const second = start(told)
          const again = await signedIn(await second.said(LISTENS))
          await until(
            async () => (await again('GET', '/api/v1/tasks/expression-evaluator')).body?.status,
            'completed',
          )
          await until(eventsUnheard, UNHEARD_NONE)
          await stop(second)
        } finally {
          await model.stop()
        }
      })

      it('told to stop is not ready and still serves for its delay, and told again ends at once', {
        timeout: SLOW_MS,
      }, async () => {
        const server = start({ SHUTDOWN_DELAY_MS: '3600000' }, '--migrate')
        const address = await server.said(LISTENS)
        const watch = await server.said(WATCHED)
        await until(() => statusOf('/health/ready', watch), 200)
        server.child.kill('SIGTERM')
        await until(() => statusOf('/health/ready', watch), 503)
        await until(() => statusOf('/health/ready', address), 503)
        expect(await statusOf('/', address)).toBe(200)
        expect(await statusOf('/health/live', watch)).toBe(200)
        server.child.kill('SIGTERM')
        expect(await server.exit).toEqual({ code: 143, signal: null })
      })

      it('waits at its start for NATS, and starts when it is there', { timeout: SLOW_MS }, async () => {
        await nats.kill()
        const server = start({ START_TIMEOUT_MS: '3600000' }, '--migrate')
        await server.said(/waiting for NATS/)
        await nats.restart()
        await server.said(LISTENS)
        await stop(server)
      })

      it('outlives at its start that NATS and the database are lost again, whatever it asks them just then', {
        timeout: 2 * SLOW_MS,
      }, async () => {
        // Servers that nobody has used: what is there already is not asked for in the same words.
        const fresh = await createPostgresSchema(postgres)
        const url = new URL(postgres)
        url.searchParams.set('options', fresh.poolConfig.options)
        const migrated = await openDatabase({ url: url.href, folder: '' }, silentLogger, { migrates: true })
        await migrated.close()
        const streams = await startNats()
        const database = await startCutOffServer(url.href)
        const broker = await startCutOffServer(streams.address)
        try {
          // In the order of the start: the project's budget, the streams, the administrator.
          database.cutAt('FROM budget_set_limit')
          broker.cutAt('$JS.API.STREAM.INFO')
          const told = {
            DATABASE_URL: database.address,
            NATS_URL: broker.address,
            START_TIMEOUT_MS: '3600000',
          }
          const server = start(told, '--roles', 'agent-runtime,gateway')
          const waits = (times: number): Promise<string> =>
            server.said(new RegExp(`(waiting for the database[^]*){${times}}`))
          await waits(1)
          database.cutAt('FROM users')
          await server.said(/waiting for the broker/)
          broker.mend()
          await waits(2)
          database.mend()
          await server.said(LISTENS)
          await stop(server)
        } finally {
          await broker.stop()
          await database.stop()
          await streams.stop()
          await fresh.drop()
        }
      })

      it('is not ready without its database, and ready again when it is back', {
        timeout: 2 * SLOW_MS,
      }, async () => {
        const database = await startPostgres()
        try {
          const server = start({ DATABASE_URL: database.address }, '--migrate')
          const watch = await server.said(WATCHED)
          const call = await signedIn(await server.said(LISTENS))
          await database.kill()
          await until(() => statusOf('/health/ready', watch), 503)
          expect((await callServer(watch, 'GET', '/health')).body).toMatchObject({
            status: 'unhealthy',
            components: { database: 'unhealthy', redis: 'healthy', nats: 'healthy' },
          })
          await database.restart()
          await until(() => statusOf('/health/ready', watch), 200)
          await call('POST', '/api/v1/tasks', demoTask('line-diff'))
          await until(async () => (await call('GET', '/api/v1/tasks/line-diff')).body?.status, 'completed')
          await stop(server)
        } finally {
          await database.stop()
        }
      })

      it('works on without Redis and NATS, says so, and is whole again when they are back', {
        timeout: 3 * SLOW_MS,
      }, async () => {
        const server = start({}, '--migrate')
        const address = await server.said(LISTENS)
        const call = await signedIn(address)
        const components = async (): Promise<unknown> => (await call('GET', '/health')).body
        const report = (status: string, redisIs: string, natsIs: string): unknown => ({
          status,
          components: { api: 'healthy', database: 'healthy', redis: redisIs, nats: natsIs },
        })
        await until(components, report('healthy', 'healthy', 'healthy'))
        await redis.kill()
        await nats.kill()
        await until(components, report('degraded', 'unhealthy', 'unhealthy'))
        expect(await statusOf('/health/ready', address)).toBe(200)
        await call('POST', '/api/v1/tasks', demoTask('template-renderer'))
        await redis.restart()
        await nats.restart()
        await until(components, report('healthy', 'healthy', 'healthy'))
        await until(
          async () => (await call('GET', '/api/v1/tasks/template-renderer')).body?.status,
          'completed',
        )
        await until(eventsUnheard, UNHEARD_NONE)
        await stop(server)
      })
    })
  })
})
