import { PromClientMetrics } from '@golden-arch/core/observability'
import * as promClient from 'prom-client'
import { z } from 'zod'
import {
  type AttemptStore,
  ack,
  EventConsumer,
  EventPublisher,
  type Inbox,
  type MessageBroker,
} from '../../../packages/messaging/src/index.ts'
import type { Job, OpenContender } from '../contender.ts'

/** The durable that handles the jobs. */
export const DURABLE = 'bench'

/** How the jobs are handled. */
export interface GoldenWork {
  readonly broker: MessageBroker
  readonly stream: string
  /** Type of the events, a subject of the stream. */
  readonly type: string
  readonly maxConcurrent: number
  readonly prefetch: number
  readonly inbox?: Inbox
  readonly attempts?: AttemptStore
}

/** Publisher and consumer with envelope, schema, attempts and metrics. */
export function goldenWork(work: GoldenWork): Pick<OpenContender, 'work' | 'enqueue' | 'stop'> {
  const { broker, stream, type, maxConcurrent, prefetch, inbox, attempts } = work
  const metrics = new PromClientMetrics({ registry: new promClient.Registry(), promClient })
  const schema = z.object({ index: z.number(), padding: z.string() })
  const publisher = new EventPublisher<Job>({ broker, source: 'bench', schema, metrics })
  const optional = {
    ...(inbox === undefined ? {} : { inbox }),
    ...(attempts === undefined ? {} : { attempts }),
  }
  const consumer = new EventConsumer<Job>({
    broker,
    stream,
    durable: DURABLE,
    maxConcurrent,
    prefetch,
    schema,
    metrics,
    ...optional,
  })
  const stopping = new AbortController()
  let running: Promise<unknown> | undefined
  return {
    async work(handle) {
      running = consumer.run(
        async ({ event, once }) => {
          if (inbox === undefined) handle(event.data.index)
          else await once(async () => handle(event.data.index))
          return ack()
        },
        { signal: stopping.signal },
      )
      // A failure is thrown where the round stops.
      running.catch(() => undefined)
    },
    async enqueue(job) {
      await publisher.publish({ type, tenantId: 'bench', data: job })
    },
    async stop() {
      stopping.abort()
      await running
      await broker.close({ drainTimeoutMs: 10_000 })
    },
  }
}
