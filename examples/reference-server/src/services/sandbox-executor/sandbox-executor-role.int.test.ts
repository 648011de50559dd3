import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Migrator, readMigrationFolder } from '@golden-arch/core/migrate'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { PgDatabase } from '@golden-arch/core/storage'
import { JetStreamBroker } from '@golden-arch/messaging/jetstream'
import { createPostgresSchema, describeWithService, randomName, startNats } from '@golden-arch/testkit'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { expect, it } from 'vitest'
import { readConfiguration } from '../../configuration.ts'
import { serve } from '../../serve.ts'
import { assembleSharedParts } from '../../shared-parts.ts'

const SERVER = join(import.meta.dirname, '..', '..', '..')
const SLOW_MS = 300_000
const PATIENT = { timeout: 110_000, interval: 100 }

describeWithService('postgres', 'the sandbox executor', (postgres) => {
  describeWithService('nats', 'with rights of its own', () => {
    it(
      'runs tests as a role that can read no user, token, budget or audit entry',
      async () => {
        const { poolConfig, drop } = await createPostgresSchema(postgres)
        const role = randomName('sandbox').replaceAll('-', '_')
        const nats = await startNats()
        const pool = new pg.Pool({ ...poolConfig, max: 4 })
        const owner = new PgDatabase({ pool })
        const connection = await connect({ servers: nats.address })
        const broker = new JetStreamBroker({ connection, logger: silentLogger })
        try {
          const migrations = await readMigrationFolder(join(SERVER, '..', '..', 'migrations'))
          await new Migrator({ database: owner, migrations }).up()
          const { rows } = await owner.query<{ schema: string }>('SELECT current_schema()::text AS schema')
          await owner.query(`CREATE ROLE ${role}`)
          await owner.query(`GRANT USAGE ON SCHEMA "${rows[0]?.schema}" TO ${role}`)
          const grants = await readFile(join(SERVER, 'sandbox-executor-role.sql'), 'utf8')
          for (const statement of grants.replace(/^--.*$/gm, '').split(';'))
            if (statement.trim() !== '') await owner.query(statement.replaceAll('sandbox_executor', role))
          const parts = await assembleSharedParts({
            ...{ database: owner, broker, logger: silentLogger, metrics: silentMetrics },
            ...{ tenantId: 'acme', projectId: 'p', projectLimitTokens: 1000, taskLimitTokens: 100 },
          })
          const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
          await parts.machine.create({
            task: { ...base, taskId: 'tested' },
            actor: { id: 'ada', kind: 'human' },
          })
          const key = { tenantId: 'acme', taskId: 'tested', stepId: 'test:1' }
          const tests = [{ name: 'sums', run: 'return add(1, 2)', equals: 3 }]
          const request = { solutionHash: 'h', program: 'const add = (a, b) => a + b', tests }
          const address = new URL(postgres)
          address.searchParams.set('options', `${poolConfig.options} -c role=${role}`)
          const configuration = readConfiguration({
            ROLES: 'sandbox-executor',
            DATABASE_URL: address.href,
            NATS_URL: nats.address,
          })
          const logger = new RecordingLogger()
          const server = await serve(configuration, logger)
          await owner.transaction((tx) =>
            parts.steps.request({ ...key, service: 'sandbox-executor', request }, { tx }),
          )
          await expect
            .poll(async () => (await parts.steps.list(key)).map(({ state }) => state), PATIENT)
            .toEqual(['done'])
          expect(await server.stop()).toEqual([])
          expect(logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
          const narrowPool = new pg.Pool({ connectionString: address.href, max: 1 })
          const narrow = new PgDatabase({ pool: narrowPool })
          const tables = await owner.query<{ name: string }>(
            `SELECT relname::text AS name FROM pg_class
              WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'v') ORDER BY 1`,
            [`"${rows[0]?.schema}"`],
          )
          const readable: string[] = []
          for (const { name } of tables.rows)
            await narrow.query(`SELECT * FROM ${name} LIMIT 1`).then(
              () => readable.push(name),
              (error: unknown) => expect(error).toMatchObject({ details: { sqlState: '42501' } }),
            )
          expect(tables.rows.length).toBeGreaterThan(30)
          expect(readable).toEqual(['schema_migrations', 'task_steps'])
          await narrowPool.end()
        } finally {
          await broker.close({ drainTimeoutMs: 5000 })
          await connection.close()
          await owner.query(`DROP OWNED BY ${role}`)
          await owner.query(`DROP ROLE ${role}`)
          await pool.end()
          await drop()
          await nats.stop()
        }
      },
      SLOW_MS,
    )
  })
})
