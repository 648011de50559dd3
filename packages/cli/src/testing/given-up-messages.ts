import type { SqlDatabase } from '@golden-arch/core/storage'
import { DeadLetterQueue } from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'

/**
 * Publishes `count` messages, 50 at most, under `subject` of a new stream and lets a consumer give each up; resolves when
 * they are dead letters, with their ids, the oldest first.
 */
export async function giveUpMessages(
  database: SqlDatabase,
  { stream, subject, tenantId = null, count }: GivenUpMessages,
): Promise<readonly string[]> {
  const broker = new SqlBroker({ database })
  await broker.ensure([{ stream, subjects: [subject] }])
  const queue = new DeadLetterQueue({ broker, database })
  await broker.subscribe(
    { stream, durable: 'hub', prefetch: 10, leaseMs: 30_000, maxAttempts: 5 },
    async (delivery) => {
      await delivery.settle({
        kind: 'dead-letter',
        reason: 'task t-1 not found\nat postgres://u:hunter2@db/x',
        code: 'NOT_FOUND',
        attempts: 1,
        tenantId,
      })
    },
  )
  for (let number = 1; number <= count; number++) {
    const payload = new TextEncoder().encode(JSON.stringify({ number }))
    await broker.publish({ subject, messageId: `${subject}-${number}`, payload, headers: { trace: ['t-1'] } })
  }
  const deadline = performance.now() + 60_000
  let letters = await queue.list({ allTenants: true, stream })
  while (letters.items.length < count) {
    if (performance.now() > deadline) throw new Error('the messages were not given up')
    await new Promise((resolve) => setTimeout(resolve, 10))
    letters = await queue.list({ allTenants: true, stream })
  }
  await broker.close({ drainTimeoutMs: 1000 })
  return letters.items.map(({ dlqId }) => dlqId).reverse()
}

/** What is published and given up. */
export interface GivenUpMessages {
  readonly stream: string
  readonly subject: string
  /** Default: nobody's, as of a message that could not be read. */
  readonly tenantId?: string | null
  readonly count: number
}
