import { GoldenError } from '@golden-arch/core/errors'
import { expect, test, vi } from 'vitest'
import { ack } from '../decision.ts'
import type { EventHandler } from '../delivery.ts'
import { EventPublisher } from '../event-publisher.ts'
import type { AttemptStore } from '../ports/attempt-store.ts'
import type { MessageBroker } from '../ports/message-broker.ts'
import type { StreamDefinition } from '../streams/stream-definition.ts'
import { EventConsumer } from './event-consumer.ts'

/** A broker, and where the attempts of its messages are counted: default the broker's own place. */
export interface PostponementScene {
  readonly broker: MessageBroker
  /** A stream with subjects of its own, the first of them such as `words.>`. */
  readonly stream: StreamDefinition
  readonly attempts?: AttemptStore
}

const WAIT = { timeout: 100_000, interval: 10 }
const OPEN = new GoldenError({
  ...{ code: 'CIRCUIT_OPEN', message: 'the circuit is open', retryable: true },
  details: { retryAfterMs: 1 },
})

/** What becomes of a message whose handler is told to come again later, with any broker and any {@link AttemptStore}. */
export function postponementContract(title: string, sceneOf: () => PostponementScene): void {
  /** Handles one message with two attempts until `isOver`; the attempts that its handler saw. */
  async function handle(
    handler: (start: number) => Promise<void>,
    isOver: (starts: readonly number[]) => boolean,
    maxPostponements: number,
  ): Promise<{ readonly attempts: readonly number[]; readonly deadLettered: number }> {
    const { broker, stream: definition, attempts } = sceneOf()
    const { stream, subjects } = definition
    await broker.ensure([definition])
    const seen: number[] = []
    const once: EventHandler = async ({ attempt }) => {
      seen.push(attempt)
      await handler(seen.length)
      return ack()
    }
    const consumer = new EventConsumer({
      ...{ broker, stream, durable: 'hub', attempts },
      retry: { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 2, maxPostponements },
    })
    const stopping = new AbortController()
    const running = consumer.run(once, { signal: stopping.signal })
    const publisher = new EventPublisher({ broker, source: 'test' })
    await publisher.publish({ type: subjects[0]?.replace('>', 'happened') ?? '', tenantId: 'acme', data: {} })
    await vi.waitFor(() => expect(isOver(seen)).toBe(true), WAIT)
    stopping.abort()
    const { deadLettered } = await running
    return { attempts: seen, deadLettered }
  }

  test(`${title}: a handler that is told to come again later has used up no attempt`, async () => {
    const outcome = await handle(
      async (start) => {
        if (start <= 6) throw OPEN
        if (start === 7) throw new Error('by itself')
      },
      (seen) => seen.length === 8,
      20,
    )
    expect(outcome).toEqual({ attempts: [1, 1, 1, 1, 1, 1, 1, 2], deadLettered: 0 })
  })

  test(`${title}: it is told so as often as the policy allows, and then its attempts end it`, async () => {
    const outcome = await handle(
      async () => {
        throw OPEN
      },
      (seen) => seen.length === 5,
      3,
    )
    expect(outcome).toEqual({ attempts: [1, 1, 1, 1, 2], deadLettered: 1 })
  })
}
