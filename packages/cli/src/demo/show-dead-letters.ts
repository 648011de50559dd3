import {
  ack,
  DeadLetterQueue,
  EventConsumer,
  EventPublisher,
  NonRetryableError,
} from '@golden-arch/messaging'
import { SqlBroker } from '@golden-arch/messaging/sql'
import type { DemoStep } from './demo-step.ts'

const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 20

/** A message that cannot be handled is kept with its failure, and handled when it is published again. */
export const showDeadLetters: DemoStep = {
  title: 'a message that fails is kept, and handled once the fault is mended',
  async run(database) {
    const broker = new SqlBroker({ database })
    await broker.ensure([{ stream: 'TASKS', subjects: ['task.>'] }])
    const stopping = new AbortController()
    let isMended = false
    let handled = 0
    const consumer = new EventConsumer({ broker, stream: 'TASKS', durable: 'mailer' })
    const run = consumer.run(
      async () => {
        if (!isMended) throw new NonRetryableError('the mail server has no such user')
        handled++
        return ack()
      },
      { signal: stopping.signal },
    )
    const events = new EventPublisher({ broker, source: 'demo' })
    await events.publish({ type: 'task.completed', tenantId: 'acme', subject: 'task-7', data: {} })
    const dlq = new DeadLetterQueue({ broker, database })
    const scope = { tenantId: 'acme' }
    await until(async () => (await dlq.count(scope)).unresolved === 1)
    const { items } = await dlq.list(scope)
    isMended = true
    const actor = { id: 'ada', kind: 'human' } as const
    const { results } = await dlq.redrive({ ...scope, actor, select: { all: true } })
    await until(async () => handled === 1)
    stopping.abort()
    await run
    await broker.close({ drainTimeoutMs: 1000 })
    const { unresolved } = await dlq.count(scope)
    return {
      isAsPromised: handled === 1 && unresolved === 0 && results[0]?.outcome === 'redriven',
      lines: [
        `given up and kept: ${items[0]?.error ?? 'nothing'}`,
        `mended and ${results[0]?.outcome ?? 'not redriven'}: handled ${handled} time, ${unresolved} left`,
      ],
    }
  },
}

async function until(check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && !(await check())) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
