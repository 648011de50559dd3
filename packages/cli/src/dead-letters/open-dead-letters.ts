import type { AuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { DeadLetterQueue, type MessageBroker } from '@golden-arch/messaging'
import { JetStreamBroker } from '@golden-arch/messaging/jetstream'
import { SqlBroker } from '@golden-arch/messaging/sql'
import { CliError } from '../cli-error.ts'
import { loadClient } from '../clients/load-client.ts'
import { withNats } from '../clients/open-nats.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { auditLogOf } from './dlq-options.ts'

const BROKERS = ['sql', 'jetstream'] as const

/** Where dead letters are published again. */
export type BrokerName = (typeof BROKERS)[number]

/** The dead letters, opened. */
export interface OpenedDeadLetters {
  readonly queue: DeadLetterQueue
  /** Undefined where the database has no audit log: then nobody is told who acted. */
  readonly audit: AuditLog | undefined
}

/**
 * Runs `work` with the dead letters of the database. Without `broker` nothing can be published: the messages of the
 * database's own broker are where the letters are.
 * @throws CliError as `withPostgres`; what `work` throws.
 */
export function withDeadLetters<T>(
  context: CommandContext,
  work: (opened: OpenedDeadLetters) => Promise<T>,
  broker: BrokerName = 'sql',
): Promise<T> {
  return withPostgres(context, async (database) => {
    const audit = await auditLogOf(database)
    return withBroker(context, database, broker, (opened) => {
      const options = { broker: opened, database }
      return work({
        queue: new DeadLetterQueue(audit === undefined ? options : { ...options, audit }),
        audit,
      })
    })
  })
}

/**
 * The broker that a command line names; or the one that messages travel by: JetStream where NATS is configured.
 * @throws CliError `USAGE` on another name.
 */
export async function brokerNamed(name: string | undefined, context: CommandContext): Promise<BrokerName> {
  if (name === undefined) return (await context.addressOf('nats')) === undefined ? 'sql' : 'jetstream'
  const broker = BROKERS.find((one) => one === name)
  if (broker === undefined) throw CliError.usage(`--broker must be one of ${BROKERS.join(', ')}`)
  return broker
}

async function withBroker<T>(
  context: CommandContext,
  database: SqlDatabase,
  name: BrokerName,
  work: (broker: MessageBroker) => Promise<T>,
): Promise<T> {
  if (name === 'sql') return closing(new SqlBroker({ database }), work)
  // The broker loads it itself; where it is missing, this says so.
  await loadClient('@nats-io/jetstream', context.folder)
  return withNats(context, (connection) => closing(new JetStreamBroker({ connection }), work))
}

async function closing<T>(broker: MessageBroker, work: (broker: MessageBroker) => Promise<T>): Promise<T> {
  try {
    return await work(broker)
  } finally {
    await broker.close({ drainTimeoutMs: 0 })
  }
}
