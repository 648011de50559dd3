import { isGoldenError } from '@golden-arch/core/errors'
import { Migrator } from '@golden-arch/core/migrate'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { loadClient } from '../clients/load-client.ts'
import { withNats } from '../clients/open-nats.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import { withRedis } from '../clients/open-redis.ts'
import { placeOf } from '../clients/unreachable.ts'
import { readInstalledMigrations } from '../migrate/installed-migrations.ts'
import type { Dependency } from '../surroundings/addresses.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { type Finding, ok, skipped, wrong } from './finding.ts'
import { migrationFindings } from './migration-findings.ts'
import { type NatsFacts, natsFindings } from './nats-findings.ts'
import { postgresFindings, readPostgresFacts } from './postgres-findings.ts'
import { redisFindings } from './redis-findings.ts'

const ABSENCES: Readonly<Record<Dependency, string>> = {
  postgres: 'DATABASE_URL is not set: an app then keeps its data in a folder, with PGlite',
  redis: 'REDIS_URL is not set: caches and limits are then of each process',
  nats: 'NATS_URL is not set: messages then travel through the database',
}

/** Looks at PostgreSQL and at where its migrations stand. */
export function checkPostgres(context: CommandContext): Promise<readonly Finding[]> {
  return check('postgres', context, () =>
    withPostgres(context, async (database) => [
      ...postgresFindings(await readPostgresFacts(database, Date.now)),
      ...(await checkMigrations(context, database)),
    ]),
  )
}

/** Looks at Redis. */
export function checkRedis(context: CommandContext): Promise<readonly Finding[]> {
  return check('redis', context, () => withRedis(context, async (redis) => redisFindings(await redis.info())))
}

/** Looks at NATS and its streams. */
export function checkNats(context: CommandContext): Promise<readonly Finding[]> {
  return check('nats', context, () =>
    withNats(context, async (connection) => natsFindings(await readNatsFacts(connection, context))),
  )
}

/** The findings of one server, the first of which says whether it answers. */
async function check(
  dependency: Dependency,
  context: CommandContext,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const reachable = `${dependency}.reachable`
  const address = await context.addressOf(dependency)
  if (address === undefined) return [skipped(reachable, ABSENCES[dependency])]
  try {
    return [ok(reachable, `answers at ${placeOf(address)}`), ...(await look())]
  } catch (error) {
    if (context.signal.aborted) throw error
    if (isGoldenError(error, 'CLIENT_MISSING')) {
      const install = `npm install ${String(error.details.package)}`
      return [wrong('unreachable', `${dependency}.client`, error.message, install)]
    }
    if (!isGoldenError(error, 'DEPENDENCY_UNREACHABLE')) {
      const message = `it answers, and cannot be looked at: ${error instanceof Error ? error.message : error}`
      return [wrong('error', `${dependency}.facts`, message, 'give its user the rights to read its settings')]
    }
    const fix = 'start it, or correct its address, user or password'
    return [wrong('unreachable', reachable, error.message, fix)]
  }
}

async function checkMigrations(context: CommandContext, database: SqlDatabase): Promise<readonly Finding[]> {
  const { migrations: settings } = await context.configuration()
  try {
    const migrations = await readInstalledMigrations(context.folder, settings?.folders ?? [])
    const modules = settings?.modules
    const report = await new Migrator({ database, migrations }).status(
      modules === undefined ? {} : { modules },
    )
    return migrationFindings(report)
  } catch (error) {
    if (isGoldenError(error, 'MIGRATIONS_NOT_FOUND')) return [skipped('migrations.pending', error.message)]
    if (!isGoldenError(error)) throw error
    const fix = 'golden-arch migrate status tells more'
    return [wrong('error', 'migrations.problem', `${error.code}: ${error.message}`, fix)]
  }
}

/** What we use of `@nats-io/jetstream`. */
interface JetStreamModule {
  jetstreamManager(connection: NatsConnection): Promise<JetStreamManager>
}

async function readNatsFacts(connection: NatsConnection, context: CommandContext): Promise<NatsFacts> {
  const version = connection.info?.version ?? 'of an unknown version'
  if (connection.info?.jetstream !== true) return { version, hasJetStream: false, streams: [] }
  const client = await loadClient<JetStreamModule>('@nats-io/jetstream', context.folder)
  const manager = await client.jetstreamManager(connection)
  const streams: { readonly name: string; readonly storage: string }[] = []
  for await (const { config } of manager.streams.list()) {
    streams.push({ name: config.name, storage: config.storage })
  }
  return { version, hasJetStream: true, streams }
}
