import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { ChaosServices } from './chaos-services.ts'

/** What became of the messages of a stream. */
export interface StreamState {
  readonly stream: string
  /** The ids of its messages, in order; one that came twice is there twice. */
  readonly ids: readonly string[]
  /** By durable consumer, what it has not been given or has not acknowledged. */
  readonly unheard: Readonly<Record<string, number>>
}

const WAITING: Readonly<Record<string, string>> = {
  steps: "SELECT count(*) FROM task_steps WHERE state IN ('requested', 'running')",
  tasks: 'SELECT count(*) FROM tasks WHERE wake_at IS NOT NULL',
  events: 'SELECT count(*) FROM outbox WHERE published_at IS NULL',
  'entries of the audit log without a link': 'SELECT count(*) FROM audit_unlinked',
  'events of budgets that are not in the audit log': `
    SELECT (SELECT count(*) FROM outbox WHERE event_type LIKE 'budget.%')
         - (SELECT count(*) FROM audit_log WHERE resource LIKE 'event/%')`,
}

/** What still waits, by name; empty once nothing moves any more. */
export async function whatWaits({ opened, nats }: ChaosServices): Promise<readonly string[]> {
  const counts = Object.entries(WAITING).map(([name, sql]) => `(${sql}) AS "${name}"`)
  const { rows } = await opened.database.query<Readonly<Record<string, bigint>>>(
    `SELECT ${counts.join(', ')}`,
  )
  const streams = await readStreams(nats.address, { withIds: false })
  return [
    ...Object.entries(rows[0] ?? {}).flatMap(([name, count]) => (count === 0n ? [] : [`${count} ${name}`])),
    ...streams.flatMap(({ stream, unheard }) =>
      Object.entries(unheard).flatMap(([consumer, count]) =>
        count === 0 ? [] : [`${count} messages of ${stream} for ${consumer}`],
      ),
    ),
  ]
}

/** Reads every stream of a NATS server. */
export async function readStreams(
  address: string,
  { withIds }: { readonly withIds: boolean },
): Promise<readonly StreamState[]> {
  const connection = await connect({ servers: address, maxReconnectAttempts: 0, timeout: 5000 })
  try {
    const manager = await jetstreamManager(connection)
    const states: StreamState[] = []
    for await (const { config, state } of manager.streams.list()) {
      const unheard: Record<string, number> = {}
      for await (const consumer of manager.consumers.list(config.name)) {
        const { durable_name: name } = consumer.config
        if (name !== undefined) unheard[name] = consumer.num_pending + consumer.num_ack_pending
      }
      const ids = withIds ? await readIds(connection, config.name, state.messages) : []
      states.push({ stream: config.name, ids, unheard })
    }
    return states
  } finally {
    await connection.close()
  }
}

async function readIds(connection: NatsConnection, stream: string, count: number): Promise<string[]> {
  const ids: string[] = []
  if (count === 0) return ids
  const consumer = await jetstream(connection).consumers.get(stream)
  for await (const message of await consumer.consume()) {
    ids.push(message.headers?.get('Nats-Msg-Id') ?? '')
    if (ids.length === count) break
  }
  return ids
}
