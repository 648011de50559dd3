import type { EventEnvelope } from '@golden-arch/core/events'
import type {
  BrokerCapabilities,
  MessageBroker,
  PublishOptions,
  Subscription,
} from '../ports/message-broker.ts'

/** A broker that remembers the ids it took, in order, and does with each what the test says. */
export class RecordingBroker implements MessageBroker {
  readonly capabilities: BrokerCapabilities = {
    durability: 'memory',
    acknowledges: 'stored',
    dedupeWindowMs: 0,
  }
  /** Ids that were acknowledged. */
  readonly published: string[] = []
  /** What a publication waits for; a throw refuses the event. Default: nothing. */
  onPublish: (event: EventEnvelope, options: PublishOptions) => Promise<void> = async () => {}

  async publish(event: EventEnvelope, options: PublishOptions = {}): Promise<void> {
    await this.onPublish(event, options)
    this.published.push(event.id)
  }

  async subscribe(): Promise<Subscription> {
    throw new Error('nobody subscribes to a recording broker')
  }
}
