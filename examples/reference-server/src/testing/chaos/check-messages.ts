import type { SqlDatabase } from '@golden-arch/core/storage'
import type { Finding } from '../../demo/check-bill.ts'
import { readStreams } from './drained-messages.ts'

/**
 * Consumers whose messages tell of work that stands in the database; a poll finds what no message told of. One that was in
 * the hands of as many dead processes as it has attempts is a dead letter by right, and nothing is lost with it.
 */
const WAKENED: ReadonlySet<string> = new Set([
  'orchestrator',
  'agent-runtime',
  'sandbox-executor',
  'peer-hub',
])

interface DeadLetterRow {
  readonly consumer: string
  readonly error: string
  /** Whether it told of a task that has no step left to do, and was given up since whoever had it died each time. */
  readonly wakes: boolean
}

/** Holds every event of the outbox against what the streams of NATS took, and what their consumers heard. */
export async function checkMessages(database: SqlDatabase, natsAddress: string): Promise<Finding> {
  const { rows: events } = await database.query<{ event_id: string; is_published: boolean }>(
    'SELECT event_id, published_at IS NOT NULL AS is_published FROM outbox',
  )
  const streams = await readStreams(natsAddress, { withIds: true })
  const stored = new Map<string, number>()
  for (const id of streams.flatMap(({ ids }) => ids)) stored.set(id, (stored.get(id) ?? 0) + 1)
  const lost = events.filter(({ event_id: id }) => !stored.has(id))
  const waiting = events.filter((event) => !event.is_published)
  const twice = events.filter(({ event_id: id }) => (stored.get(id) ?? 0) > 1)
  const unheard = streams.flatMap(({ stream, unheard: by }) =>
    Object.entries(by).flatMap(([name, count]) =>
      count === 0 ? [] : [`${count} messages of ${stream} were not heard by ${name}`],
    ),
  )
  const { rows: letters } = await database.query<DeadLetterRow>(
    `SELECT d.consumer, d.error,
            coalesce(o.event_type LIKE 'task.%', false) AND d.error_code = 'ATTEMPTS_EXHAUSTED' AND NOT EXISTS (
              SELECT 1 FROM task_steps s
               WHERE s.tenant_id = o.tenant_id AND s.task_id = o.subject AND s.state IN ('requested', 'running')) AS wakes
       FROM dlq_messages d LEFT JOIN outbox o ON o.event_id = d.message_id`,
  )
  const unexplained = letters.filter(({ consumer, wakes }) => !wakes || !WAKENED.has(consumer))
  return {
    figures: {
      'events in the outbox': events.length,
      'of them in the streams': events.length - lost.length,
      'of them there twice': twice.length,
      'durable consumers that heard all': streams.reduce(
        (sum, { unheard: by }) => sum + Object.values(by).filter((count) => count === 0).length,
        0,
      ),
      'dead letters': letters.length,
      'of them those that only woke somebody, whose work a poll has found':
        letters.length - unexplained.length,
    },
    problems: [
      ...(lost.length > 0 ? [`${lost.length} events are in no stream`] : []),
      ...(waiting.length > 0 ? [`${waiting.length} events never left the outbox`] : []),
      ...unheard,
      ...unexplained.map(({ consumer, error }) => `a dead letter of ${consumer}: ${error}`),
    ],
  }
}
