import { requireDecimalId, withDefaults } from '@golden-arch/core/errors'
import { type Clock, type CloseOptions, requireDrainTimeout, systemClock } from '@golden-arch/core/time'
import type { DeadLetter } from '../../dead-letters/dead-letter.ts'
import { MessagingError } from '../../messaging-error.ts'
import type { AttemptStore } from '../../ports/attempt-store.ts'
import type {
  BrokerCapabilities,
  DeliveryReceiver,
  DrainReport,
  EnsureReport,
  MessageBroker,
  MessagePlace,
  OutgoingMessage,
  PublishOptions,
  Receipt,
  StoredMessage,
  Subscription,
  SubscriptionOptions,
} from '../../ports/message-broker.ts'
import { requireOutgoingMessage } from '../../require-outgoing-message.ts'
import { requireSubscriptionOptions } from '../../require-subscription-options.ts'
import {
  type ResolvedStreamDefinition,
  resolveStreamDefinition,
  type StreamDefinition,
} from '../../streams/stream-definition.ts'
import { requireDisjointSubjects, streamTaking } from '../../streams/stream-subjects.ts'
import { MemoryAttemptStore } from './memory-attempt-store.ts'
import { MemoryConsumer } from './memory-consumer.ts'

/** What a `MemoryBroker` is made of. */
export interface MemoryBrokerOptions {
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

interface MemoryStream {
  definition: ResolvedStreamDefinition
  readonly messages: StoredMessage[]
  bytes: number
  readonly consumers: Map<string, MemoryConsumer>
}

/**
 * A broker for tests. It keeps every message in the process until the process ends, and loses all of them with it:
 * there is no retention, so that a stream with a bound stays full.
 */
export class MemoryBroker implements MessageBroker {
  readonly capabilities: BrokerCapabilities = Object.freeze({
    durability: 'memory',
    dedupeWindowMs: 120_000,
    publishesInTransaction: false,
  })
  readonly attempts: AttemptStore = new MemoryAttemptStore()
  /** Messages that were given up, oldest first. */
  readonly deadLetters: DeadLetter[] = []
  readonly #clock: Clock
  readonly #streams = new Map<string, MemoryStream>()
  readonly #subscriptions = new Set<Subscription>()
  #isClosed = false

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: MemoryBrokerOptions = {}) {
    this.#clock = withDefaults(options, { clock: systemClock }).clock
  }

  async ensure(streams: readonly StreamDefinition[]): Promise<EnsureReport> {
    const resolved = streams.map(resolveStreamDefinition)
    const names = new Set(resolved.map(({ stream }) => stream))
    const others = [...this.#streams.values()].map(({ definition }) => definition)
    requireDisjointSubjects([...others.filter(({ stream }) => !names.has(stream)), ...resolved])
    const [created, updated]: [string[], string[]] = [[], []]
    for (const definition of resolved) {
      const known = this.#streams.get(definition.stream)
      if (known === undefined) {
        this.#streams.set(definition.stream, { definition, messages: [], bytes: 0, consumers: new Map() })
        created.push(definition.stream)
      } else if (JSON.stringify(known.definition) !== JSON.stringify(definition)) {
        known.definition = definition
        updated.push(definition.stream)
      }
    }
    return { created, updated, drift: [] }
  }

  async publish(message: OutgoingMessage, options: PublishOptions = {}): Promise<Receipt> {
    this.#requireOpen()
    requireOutgoingMessage(message)
    if (options.tx !== undefined) {
      throw new MessagingError({ code: 'TRANSACTION_UNSUPPORTED', message: 'there is no transaction here' })
    }
    const { stream, dedupeWindowMs, maxBytes } = streamTaking(
      message.subject,
      [...this.#streams.values()].map(({ definition }) => definition),
    )
    const held = this.#streamOf(stream)
    const { messages, consumers } = held
    const storedAt = this.#clock.now()
    const first = messages.findLast(({ messageId }) => messageId === message.messageId)
    if (first !== undefined && storedAt.getTime() - first.storedAt.getTime() < dedupeWindowMs) {
      return { stream, sequence: first.sequence, isDuplicate: true }
    }
    const bytes = sizeOf(message)
    if (maxBytes !== null && held.bytes + bytes > maxBytes) {
      const details = { stream }
      const text = 'the stream has reached its bound'
      throw new MessagingError({ code: 'STREAM_FULL', message: text, retryable: true, details })
    }
    held.bytes += bytes
    const sequence = String(messages.length + 1)
    const payload = Uint8Array.from(message.payload)
    const stored: StoredMessage = {
      ...message,
      payload,
      headers: message.headers ?? {},
      stream,
      sequence,
      storedAt,
    }
    messages.push(stored)
    for (const consumer of consumers.values()) consumer.offer(stored)
    return { stream, sequence, isDuplicate: false }
  }

  async subscribe(options: SubscriptionOptions, receive: DeliveryReceiver): Promise<Subscription> {
    this.#requireOpen()
    requireSubscriptionOptions(options)
    const { messages, consumers } = this.#streamOf(options.stream)
    const known = consumers.get(options.durable)
    const consumer = known ?? new MemoryConsumer(this.#clock, (letter) => this.deadLetters.push(letter))
    const subscription = consumer.subscribe(options, receive)
    if (known === undefined) {
      consumers.set(options.durable, consumer)
      if (options.startAt !== 'new') for (const message of messages) consumer.offer(message)
    }
    this.#subscriptions.add(subscription)
    return subscription
  }

  async findStored({ stream, sequence }: MessagePlace): Promise<StoredMessage | undefined> {
    requireDecimalId('sequence', sequence)
    return this.#streamOf(stream).messages.find((message) => message.sequence === sequence)
  }

  async close(options: CloseOptions = {}): Promise<DrainReport> {
    const drainTimeoutMs = requireDrainTimeout(options)
    this.#isClosed = true
    const reports = await Promise.all([...this.#subscriptions].map((one) => one.close({ drainTimeoutMs })))
    this.#subscriptions.clear()
    return {
      settled: reports.reduce((sum, { settled }) => sum + settled, 0),
      abandoned: reports.reduce((sum, { abandoned }) => sum + abandoned, 0),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #streamOf(name: string): MemoryStream {
    const stream = this.#streams.get(name)
    if (stream !== undefined) return stream
    const details = { stream: name }
    throw new MessagingError({ code: 'STREAM_NOT_FOUND', message: `there is no stream ${name}`, details })
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new MessagingError({ code: 'BROKER_CLOSED', message: 'the broker is closed' })
  }
}

function sizeOf({ subject, messageId, headers, payload }: OutgoingMessage): number {
  return payload.byteLength + Buffer.byteLength(`${subject}${messageId}${JSON.stringify(headers ?? {})}`)
}
