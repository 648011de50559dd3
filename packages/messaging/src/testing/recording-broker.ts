import type { EventEnvelope } from '@golden-arch/core/events'
import { decodeEvent } from '../envelope.ts'
import type {
  BrokerCapabilities,
  DrainReport,
  EnsureReport,
  MessageBroker,
  OutgoingMessage,
  PublishOptions,
  Receipt,
  Subscription,
} from '../ports/message-broker.ts'

/** A broker that remembers the ids it took, in order, and does with each what the test says. */
export class RecordingBroker implements MessageBroker {
  readonly capabilities: BrokerCapabilities = {
    durability: 'memory',
    dedupeWindowMs: 0,
    publishesInTransaction: false,
  }
  /** Ids that were acknowledged. */
  readonly published: string[] = []
  /** What a publication waits for; a throw refuses the event. Default: nothing. */
  onPublish: (event: EventEnvelope, options: PublishOptions) => Promise<void> = async () => {}

  async publish(message: OutgoingMessage, options: PublishOptions = {}): Promise<Receipt> {
    await this.onPublish(decodeEvent(message), options)
    this.published.push(message.messageId)
    return { stream: 'RECORDED', sequence: String(this.published.length), isDuplicate: false }
  }

  async ensure(): Promise<EnsureReport> {
    return { created: [], updated: [], drift: [] }
  }

  async subscribe(): Promise<Subscription> {
    throw new Error('nobody subscribes to a recording broker')
  }

  async findStored(): Promise<undefined> {
    return undefined
  }

  async close(): Promise<DrainReport> {
    return { settled: 0, abandoned: 0 }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
